"""Family names of invented people (see ``names``)."""

from __future__ import annotations

from demo.aaf.names import parse_names

SURNAMES = parse_names("""
Abadie, Abdallah, Abel, Achard, Adam, Aït Ahmed, Alami, Albert, Albertini, Alexandre, Allard
Almeida, Alonso, Alves, Amrani, Ancel, André, Andrieu, Antoine, Antunes, Apostolov, Arnaud, Arnould
Arslan, Aubert, Aubry, Aucouturier, Auger, Aydin, Azevedo, Bâ, Bach, Bachelet, Badaoui, Bailly
Balde, Ballet, Baptiste, Barbe, Barbier, Baron, Barre, Barry, Barthélémy, Bastien, Baudin, Bauer
Baumann, Bayle, Bazin, Beaulieu, Beaumont, Becker, Bégin, Belaïd, Belkacem, Bellamy, Ben Amar
Ben Saïd, Benali, Benard, Benoist, Benoît, Berger, Bernard, Bernardin, Berthelot, Berthier, Bertin
Bertrand, Besnard, Besson, Bianchi, Bigot, Billard, Binet, Blanc, Blanchard, Blin, Blondel, Bœuf
Bodin, Boileau, Bois, Boissel, Bonheur, Bonnard, Bonneau, Bonnet, Bonnin, Bordes, Borel, Bouanani
Boucher, Bouchet, Boudjema, Bouhaddi, Boulanger, Boulay, Bouquet, Bourdon, Bourgeois, Bousquet
Boutin, Bouvet, Bouvier, Bouzid, Boyer, Branco, Bréton, Brisset, Briand, Brun, Bruneau, Brunet
Brunner, Buisson, Bureau, Cabral, Caillaud, Camara, Campos, Caron, Carpentier, Carré, Carvalho
Castel, Castro, Cavalier, Çelik, Chabert, Chaïbi, Chambon, Chapelle, Chapuis, Charbonnier, Charles
Charlier, Charpentier, Charrier, Chartier, Châtelain, Chauveau, Chauvet, Chauvin, Chen, Chevalier
Chevallier, Chopin, Cissé, Clément, Clerc, Cœur, Cohen, Colas, Colin, Collard, Collet, Collin
Combes, Conte, Cordier, Cornu, Correia, Costa, Coste, Cotret, Coulibaly, Courtois, Cousin
Coutinho, Crépin, Cros, Cunha, D'Almeida, D'Angelo, Da Costa, Da Silva, Da Silva Pereira, Dahmani
Dali, Damien, Daniel, Danjou, Dauphin, David, De Almeida, De Brito, De Jésus, De La Croix
De La Fontaine, De Oliveira, De Sousa, Debray, Delage, Delahaye, Delannoy, Delattre, Delaunay
Delcourt, Delmas, Delorme, Demir, Denis, Deschamps, Descamps, Desmarais, Devaux, Dhaouadi, Di Marco
Di Rosa, Diallo, Diarra, Dias, Diaz, Didier, Dieng, Diop, Diouf, Djebbar, Doğan, Dos Santos, Doré
Doucet, Doumbia, Dramé, Dubois, Duc, Duchamp, Duchesne, Duclos, Dufour, Dujardin, Dumas, Dumont
Dupin, Dupond, Dupont, Dupré, Dupuis, Dupuy, Durand, Durieux, Duval, El Amrani, El Fassi, El Idrissi
El Mansouri, Étienne, Eyraud, Fabre, Faivre, Fall, Faria, Faure, Favre, Fayolle, Ferrand, Ferrari
Ferreira, Ferry, Fèvre, Fischer, Fleury, Flores, Fofana, Fonseca, Fontaine, Forestier, Forgeot
Fort, Fortin, Foucher, Fouquet, Fournier, Franck, François, Freitas, Frey, Friedrich, Gaillard
Gallet, Garcia, Garnier, Gaudin, Gauthier, Gautier, Gay, Genet, Geoffroy, Georges, Gérard, Germain
Gervais, Gharbi, Gilbert, Gilles, Gillet, Girard, Giraud, Godard, Gomes, Gomez, Gonçalves, Gonzalez
Grandjean, Granger, Gras, Grégoire, Grenier, Grimaud, Gros, Guérin, Guibert, Guichard, Guilbert
Guillaume, Guillemin, Guillon, Guillot, Guyot, Guéguen, Gueye, Gutierrez, Haas, Haddad, Hadji
Haguenauer, Haïdara, Hamdi, Hamel, Hamidi, Hardy, Haroun, Hassan, Hébert, Heinrich, Helwig, Henry
Hernandez, Hervé, Hoang, Hoffmann, Hoarau, Hubert, Huet, Hugues, Humbert, Husson, Ibrahim, Imbert
Ivanović, Jacob, Jacquemin, Jacques, Jacquet, Jacquin, Jacquot, Jankowski, Jardin, Jean, Jeanne
Joly, Joseph, Jourdain, Jourdan, Juge, Julien, Jung, Kaba, Kaddour, Kaiser, Kaczmarek, Kane, Kante
Kaya, Keita, Keller, Kerboul, Khalil, Khelifi, Kieffer, Klein, Koch, Kone, Konaté, Koffi, Kowalski
Kozłowski, Kraemer, Krüger, Kuhn, L'Hermitte, L'Hôte, L'Huillier, Labbé, Laborde, Lacombe, Lacroix
Lafaye, Lafleur, Lagarde, Lagrange, Lahaye, Lambert, Lamy, Lancelot, Lang, Langlois, Lapeyre
Laporte, Laroche, Larue, Latour, Laurent, Laval, Lavigne, Le Bihan, Le Bras, Le Corre, Le Gall
Le Goff, Le Roux, Le Tallec, Lebeau, Leblanc, Lebon, Lebrun, Leclerc, Leclercq, Lecomte, Lecœur
Ledoux, Leduc, Lefebvre, Lefèvre, Léger, Legrand, Legros, Lejeune, Lemaire, Lemaître, Lemoine
Lenoir, Léonard, Lepage, Leroux, Leroy, Lesage, Lévêque, Lévy, Lheureux, Li, Lin, Lopes, Lopez
Louis, Loubet, Louvet, Luc, Lucas, Ludwig, Ly, Macé, Macedo, Machado, Magnier, Maillard, Maillot
Mallet, Mancini, Mangin, Marchal, Marchand, Marconi, Maréchal, Marie, Marin, Marques, Martel, Martin
Martineau, Martinez, Martins, Martyn, Marty, Masse, Masson, Mathias, Mathieu, Matos, Maurel, Maurice
Maury, Mayer, Mbaye, Mendes, Menard, Mercier, Merle, Messaoudi, Métayer, Meunier, Meyer, Michaud
Michel, Mignot, Millet, Milošević, Mokhtari, Monnier, Monteiro, Montagne, Morand, Moreau, Moreira
Morel, Moretti, Morin, Moulin, Müller, Munier, N'Diaye, N'Guessan, Nadeau, Navarro, Naudin
Nebot, Neves, Ngo, Nguyen, Nicolas, Niang, Noël, Noiret, Nogueira, Normand, Nowak, Nunes, O'Brien
O'Connor, Olivier, Oliveira, Ollivier, Omar, Ouattara, Ouedraogo, Özdemir, Öztürk, Pagès, Papin
Paris, Parent, Parisot, Pascal, Pasquier, Patel, Paul, Payet, Pelletier, Peltier, Pépin, Pereira
Perez, Pérot, Perret, Perrier, Perrin, Perrot, Peter, Petit, Petitjean, Petrov, Pham, Philippe
Picard, Pichon, Pierre, Pierron, Pinheiro, Pinto, Pires, Poirier, Poirot, Pons, Popescu, Potier
Poulain, Prévost, Prieur, Prost, Prunier, Pruvost, Quentin, Rahmani, Ramos, Raoult, Raymond, Regnier
Reis, Remy, Renaud, Renault, Rey, Reynaud, Ribeiro, Ricci, Richard, Richter, Rigaud, Rivière, Robert
Roche, Rocha, Roger, Rodrigues, Rodriguez, Rolland, Romano, Romero, Rose, Rossi, Rossignol, Rousseau
Roussel, Rousset, Roux, Roy, Ruiz, Saad, Sabatier, Saïdi, Saint-Aubin, Salah, Salmon, Samba, Sanchez
Sané, Santos, Sauvage, Savary, Schaeffer, Schmitt, Schneider, Schœnfeld, Schultz, Schwartz, Seck
Senghor, Serrano, Seydi, Sidibé, Silva, Simon, Singh, Sissoko, Slimani, Soares, Sow, Stéphan, Sylla
Szymański, Taleb, Tanguy, Tardif, Tavares, Teixeira, Tessier, Thévenin, Thiam, Thibault, Thierry
Thiébaut, Thiry, Thomas, Tisserand, Torres, Touré, Tournier, Tran, Traoré, Tribout, Tual, Turpin
Vaillant, Valentin, Valette, Vallée, Van Damme, Van den Berghe, Vasseur, Vauthier, Verdier
Vernet, Viard, Vidal, Vieira, Villain, Villemin, Villeneuve, Vincent, Viola, Virot, Voisin, Vogel
Voirin, Vuillemin, Wagner, Walter, Weber, Weiss, Wilhelm, Winter, Wolff, Wu, Xhaard, Yahiaoui
Yıldız, Yvon, Zaoui, Zeller, Zerrouki, Zhang, Zidi, Ziegler, Zimmermann, Żuk, Y
Montesquiou-Fezensac, Rakotonirina-Andriamanantena, Dupré de la Tour, Vanderschooten
""")
