"""A stand-in for Pronote, for the demonstration and the tests: the other side of the ENT.

`python -m demo.pronote --port 8301 --base-folder var/demo/pronote --people people.json
--cas-base-url http://127.0.0.1:8000/cas` serves one school's base:

- `/pronote/<space>.html` and `/pronote/mobile.<space>.html`: the spaces, signed in to over CAS;
- `/pronote/administration/`: what the supervisor « SPR » does in the vendor's client: delegation,
  import of the reconciliation file, pairings, lists, save, back up and restore;
- `/pronote/cle/`: the public key that the ENT encrypts for.

The file of people, read when there is no base yet, is a JSON object: `school` (`uai`, `name`) and
`people`, each with `number`, `population`, `family_name`, `given_name` and whatever else
`demo.pronote.base.people.Person` has; dates are YYYY-MM-DD.

Written from the format and from the protocol only: nothing of the product is imported here, so that
an error of the product is not shared. It imitates; it is not the vendor's program.
"""
