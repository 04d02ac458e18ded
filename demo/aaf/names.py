"""Names of invented people: common first and family names of many origins.

No list here comes from a file of real persons: they are names that anybody could bear, put
together at random. They hold on purpose what makes directories stumble: accents, hyphens,
apostrophes, particles, ligatures, one-letter names, very long ones, and a few characters that
ISO-8859-15 cannot write (they go out as character references).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from xml.sax.saxutils import escape

_LIGATURES = str.maketrans(
    {
        "œ": "oe",
        "Œ": "OE",
        "æ": "ae",
        "Æ": "AE",
        "ß": "ss",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "þ": "th",
        "ı": "i",
    }
)


@cache
def to_xml(text: str) -> str:
    """Escape for a value: the state's files write the apostrophe as an entity."""
    return escape(text, {"'": "&apos;"})


def fold(text: str) -> str:
    """Lower-case ASCII letters only, as in the local part of an address."""
    bare = unicodedata.normalize("NFD", text.translate(_LIGATURES))
    return "".join(c for c in bare.lower() if c.isascii() and c.isalnum())


@dataclass(frozen=True, slots=True)
class Name:
    """One name in the three forms that records need, escaped once for all."""

    plain: str
    """« Zoé », escaped for XML."""
    upper: str
    """« ZOÉ », escaped for XML."""
    folded: str
    """« zoe »."""


def _name(text: str) -> Name:
    return Name(plain=to_xml(text), upper=to_xml(text.upper()), folded=fold(text))


def parse_names(text: str) -> tuple[Name, ...]:
    parts = (part.strip() for part in text.replace("\n", ",").split(","))
    seen = dict.fromkeys(part for part in parts if part)
    return tuple(_name(part) for part in seen)


GIRLS = parse_names("""
Aaliyah, Abigaël, Adèle, Agathe, Aïcha, Aïssata, Alexandra, Alice, Alicia, Alix, Alizée, Alma
Amandine, Amélia, Amina, Ambre, Ana, Anaé, Anaëlle, Anaïs, Andréa, Angèle, Angélina, Anissa
Anna, Anna-Lou, Anne, Anne-Sophie, Annaëlle, Apolline, Ariane, Assia, Assya, Astrid, Athéna
Aurore, Ava, Axelle, Aya, Ayla, Bérénice, Bianca, Bintou, Blanche, Brune, Camélia, Camille
Candice, Capucine, Carla, Carmen, Cassandre, Cécilia, Célestine, Célia, Céline, Chaïma, Chiara
Charlie, Charline, Charlotte, Chloé, Claire, Clara, Clarisse, Clélia, Clémence, Clémentine
Cléo, Clotilde, Coline, Constance, Coraline, Dalia, Dana, Daphné, Diane, Dina, Djeneba, Dounia
Éden, Édith, Elena, Éléa, Éléonore, Élia, Éliane, Élina, Éline, Élisa, Élisabeth, Élise, Ella
Elsa, Éloïse, Elvire, Émeline, Emma, Emna, Emy, Enora, Esma, Esther, Estelle, Eugénie, Ève, Eva
Faustine, Fatima, Fatima-Zahra, Fatoumata, Fanny, Fleur, Flora, Flore, Gabrielle, Garance
Gaëlle, Giulia, Hafsa, Hana, Hanaé, Hélène, Héloïse, Hermine, Hind, Iana, Ilona, Ilyana, Inaya
Inès, Irène, Iris, Isaure, Isra, Israa, Ivana, Jade, Jana, Jasmine, Jeanne, Joséphine, Joy
Judith, Julia, Julie, Juliette, June, Justine, Kadiatou, Kayla, Kenza, Khadija, Kim-Anh, Lana
Laïa, Lara, Laura, Laure, Laurine, Léa, Leïla, Lélia, Léna, Léonie, Léonor, Léopoldine, Lila
Lilou, Lily-Rose, Lina, Line, Linh, Lisa, Lise, Livia, Loane, Loïse, Lola, Lou, Lou-Anne
Louane, Louise, Louna, Luce, Lucie, Lucile, Ludivine, Lya, Lyna, Lysandre, Madeleine, Maëlle
Maëlys, Maëva, Mahaut, Maïa, Maïmouna, Maïssa, Manel, Manon, Margaux, Margot, Marguerite, Maria
Mariam, Marie, Marie-Amélie, Marie-Lou, Marine, Marion, Marjane, Marwa, Mathilde, Maud, Maya
Mélina, Mélissa, Mélody, Meriem, Mia, Mila, Milena, Mina, Myriam, Mylène, Nada, Naëlle, Naïla
Nahia, Naomi, Nélia, Nina, Ninon, Noélie, Noémie, Nola, Nora, Norah, Nour, Océane, Odélia
Olivia, Olympe, Ombeline, Oumou, Ophélie, Pauline, Pénélope, Perle, Philippine, Prune, Rachel
Rania, Rébecca, Rim, Rim-Nour, Romane, Romy, Rosalie, Rose, Roxane, Sabrina, Safia, Sakina
Salomé, Samia, Sana, Sara, Sarah, Selma, Serena, Shaïna, Sibylle, Sidonie, Siham, Sirine
Sixtine, Soan, Sofia, Soline, Solène, Sonia, Soraya, Stella, Suzanne, Suzon, Swann, Tasnim
Téa, Tessa, Thaïs, Thalia, Théa, Thelma, Thi-Mai, Timéa, Valentine, Vanille, Vera, Victoire
Victoria, Violette, Wendy, Yaëlle, Yasmine, Yara, Yéléna, Yuna, Zélie, Zineb, Zoé, Zoé-Lou
Zofia, Zeynep, Ñuria
""")

BOYS = parse_names("""
Aaron, Abdallah, Abdel-Karim, Abel, Achille, Adam, Adrien, Adem, Ahmed, Aïdan, Aimé, Alan
Alban, Albert, Alexandre, Alexis, Ali, Allan, Alphonse, Amadou, Amaury, Ambroise, Amine, Amir
Anaël, Anas, Anatole, André, Andréa, Ange, Anis, Antoine, Antonin, Archibald, Aristide, Armand
Arsène, Arthur, Arthus, Aubin, Auguste, Augustin, Aurélien, Axel, Ayden, Aymen, Ayoub, Baptiste
Barnabé, Basile, Bastien, Baudouin, Benjamin, Benoît, Bilal, Boubacar, Brice, Bruno, Calixte
Camille, Cédric, Célestin, Charles, Charles-Antoine, Charlie, Cheikh, Christian, Clément
Clovis, Colin, Côme, Constantin, Corentin, Cyprien, Cyril, Damien, Daniel, Dany, Dario, David
Diego, Dimitri, Djibril, Dorian, Eden, Edgar, Édouard, Elias, Élie, Elio, Eliott, Éloi, Emile
Emmanuel, Enzo, Erwan, Esteban, Étienne, Evan, Fabien, Fantin, Fares, Félix, Fernand, Ferdinand
Flavien, Florent, Florentin, Florian, Foucauld, François, Gabin, Gabriel, Gaël, Gaëtan, Gaspard
Gauthier, Georges, Geoffroy, Germain, Gianni, Gilles, Giovanni, Grégoire, Guilhem, Guillaume
Gustave, Habib, Hadrien, Hakim, Hamza, Haroun, Hector, Henri, Hippolyte, Honoré, Hugo, Ibrahim
Ilan, Ilian, Ilyès, Imran, Isaac, Ismaël, Issa, Ivan, Jacques, James, Jassim, Jean, Jean-Baptiste
Jean-Loup, Jérémie, Jérémy, Joachim, Joan, João, Johan, Joris, Joseph, Joshua, Josué, Jules
Julien, Justin, Kaïs, Kamel, Karim, Kenan, Kenji, Kevin, Khalil, Kilian, Kylian, Lambert, Lazare
Léandre, Léo, Léo-Paul, Léon, Léonard, Léopold, Liam, Lino, Livio, Loan, Loïc, Loïs, Lorenzo
Loris, Louis, Louka, Loup, Lubin, Luc, Luca, Lucas, Lucien, Ludovic, Maël, Mahamadou, Malik
Malo, Mamadou, Manoé, Marceau, Marc, Marcel, Marin, Marius, Martin, Marwan, Mathéo, Mathias
Mathieu, Mathis, Matteo, Maurice, Max, Maxence, Maxime, Mayeul, Mehdi, Melchior, Merlin, Michel
Mickaël, Milan, Milo, Mohamed, Mohamed-Ali, Moussa, Mylan, Naël, Naïm, Nassim, Nathan, Nathanaël
Naoufel, Neven, Nicolas, Nils, Nino, Noa, Noah, Noam, Noan, Noé, Noël, Nolan, Octave, Olivier
Omar, Oscar, Othman, Ousmane, Owen, Pablo, Pacôme, Paul, Paul-Émile, Philéas, Philippe, Pierre
Pierre-Louis, Pio, Quentin, Rafaël, Raphaël, Rayan, Rémi, Renaud, René, Ricardo, Robin, Rodrigue
Romain, Roman, Roméo, Ruben, Rudy, Ryad, Sacha, Salim, Salomon, Sami, Samir, Samuel, Samy, Sandro
Sasha, Saul, Sébastien, Sekou, Selim, Séraphin, Serge, Siméon, Simon, Slimane, Soan, Sofiane
Solal, Souleymane, Stanislas, Swan, Tadeusz, Tanguy, Tao, Tarek, Théo, Théodore, Théophile
Thibault, Thiago, Thomas, Tidiane, Tiago, Timothé, Timothée, Titouan, Tom, Tony, Tristan, Tuan
Ugo, Ulysse, Valentin, Valère, Victor, Viggo, Vincent, Virgile, Vladimir, Wael, Walid, Wassim
William, Xavier, Yanis, Yann, Yannick, Yassine, Yohan, Yoann, Youcef, Younes, Youssef, Yvan, Yves
Zacharie, Zaccaria, Zakaria, Zyad, Łukasz, Ștefan
""")

MOTHERS = parse_names("""
Adeline, Agnès, Aïcha, Alexandra, Alice, Alison, Amandine, Amélie, Amina, Anaïs, Andrée, Angélique
Anissa, Anita, Anne, Anne-Cécile, Anne-Laure, Anne-Marie, Annick, Antonella, Armelle, Assia
Audrey, Aurélie, Aurore, Aïssatou, Barbara, Béatrice, Bénédicte, Bérengère, Brigitte, Carine
Carole, Caroline, Catherine, Cathy, Cécile, Célia, Céline, Chantal, Charlène, Charlotte, Chrystel
Christelle, Christiane, Christine, Cindy, Claire, Claude, Claudine, Clémence, Clotilde, Coralie
Corinne, Cristina, Cynthia, Daniela, Danièle, Delphine, Diane, Djamila, Dominique, Dorothée
Edwige, Élise, Élisabeth, Élodie, Émeline, Émilie, Emmanuelle, Estelle, Eugénie, Eva, Ève-Marie
Fabienne, Fadila, Fanny, Farida, Fatiha, Fatima, Fatoumata, Florence, Françoise, Frédérique
Gabrielle, Gaëlle, Geneviève, Géraldine, Ghislaine, Gisèle, Gwenaëlle, Hafida, Hélène, Houria
Ingrid, Irina, Isabelle, Jacqueline, Jennifer, Jessica, Joëlle, Johanna, Josiane, Judith, Julia
Julie, Juliette, Justine, Karima, Karine, Katia, Kheira, Laëtitia, Laure, Laurence, Leïla, Lila
Linda, Lise, Lucie, Ludivine, Lydia, Lydie, Madeleine, Magali, Magalie, Malika, Manon, Margaux
Maria, Marianne, Marie, Marie-Christine, Marie-Claire, Marie-Hélène, Marie-Laure, Marie-Noëlle
Marie-Pierre, Marielle, Marina, Marine, Marion, Maryline, Maryse, Mathilde, Mélanie, Mélissa
Mercédès, Mireille, Monique, Morgane, Muriel, Myriam, Nabila, Nacera, Nadège, Nadia, Nadine
Naïma, Natacha, Nathalie, Nelly, Nicole, Noëlle, Noémie, Odile, Olivia, Ornella, Pascale
Patricia, Paula, Pauline, Peggy, Perrine, Rachel, Rachida, Raphaëlle, Régine, Rosa, Roxane
Sabine, Sabrina, Samia, Samira, Sandra, Sandrine, Sarah, Séverine, Sihem, Simone, Solange, Sonia
Sophie, Soraya, Stéphanie, Suzanne, Svetlana, Sylvie, Tatiana, Thérèse, Thi-Hong, Tiphaine
Valérie, Vanessa, Véronique, Victoria, Violaine, Virginie, Viviane, Wafa, Yamina, Yasmina, Yvette
Zahra, Zohra, Zoé
""")

FATHERS = parse_names("""
Abdelaziz, Abdelkader, Abdoulaye, Adrien, Ahmed, Alain, Alexandre, Alexis, Ali, Amar, Anthony
Antoine, Antonio, Arnaud, Aurélien, Aymeric, Bastien, Benjamin, Benoît, Bernard, Bertrand
Boris, Brahim, Brice, Bruno, Carlos, Cédric, Charles, Christian, Christophe, Claude, Clément
Cyril, Cyrille, Damien, Daniel, David, Denis, Didier, Dimitri, Djamel, Dominique, Édouard, Emmanuel
Éric, Erwan, Étienne, Fabien, Fabrice, Farid, Fayçal, Félix, Fernando, Florent, Florian, Francis
Franck, François, François-Xavier, Frédéric, Gaël, Gaëtan, Gérald, Gérard, Germain, Ghislain
Gilles, Giuseppe, Grégoire, Grégory, Guillaume, Guy, Hakim, Hamid, Hassan, Henri, Hervé, Hubert
Hugues, Ibrahima, Idriss, Ismaël, Ivan, Jacky, Jacques, Jamel, Jean, Jean-Charles, Jean-Claude
Jean-François, Jean-Luc, Jean-Marc, Jean-Michel, Jean-Noël, Jean-Philippe, Jean-Pierre, Jérémie
Jérôme, Jimmy, Joël, Joffrey, Johann, Jonathan, Jordan, José, Joseph, Julien, Kamel, Karim, Kévin
Khaled, Laurent, Lionel, Loïc, Louis, Luc, Lucas, Ludovic, Luigi, Malik, Mamadou, Manuel, Marc
Marcel, Mario, Martial, Martin, Mathieu, Matthias, Maurice, Maxime, Mehdi, Michaël, Michel, Mickaël
Mohamed, Mohammed, Mourad, Moussa, Mustapha, Nabil, Nasser, Nicolas, Noël, Olivier, Omar, Oumar
Pascal, Patrice, Patrick, Paul, Paulo, Philippe, Pierre, Pierre-Yves, Quentin, Rabah, Rachid
Raoul, Raphaël, Raymond, Régis, Rémi, Rémy, Renaud, René, Richard, Robert, Roberto, Rodolphe
Roger, Roland, Romain, Romuald, Saïd, Salah, Samir, Samuel, Sébastien, Serge, Sergio, Sofiane
Stanislas, Stéphane, Steve, Sylvain, Tarik, Thibaut, Thierry, Thomas, Tony, Tristan, Van-Hung
Victor, Vincent, Vladimir, Willy, Xavier, Yacine, Yann, Yannick, Yohann, Youssef, Yvan, Yves
Yvon, Zinédine, Murat, Oğuz, Jörg, Siméon
""")
