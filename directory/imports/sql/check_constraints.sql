-- In the transaction: deferred constraints, as a step of its own and not hidden in the commit.
--

-- step: Vérification des contraintes
SET CONSTRAINTS ALL IMMEDIATE;
