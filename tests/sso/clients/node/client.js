// A Node application that trusts the portal for sign-in: express and passport-cas, unmodified.
// node client.js PORT CAS_URL VERSION; GET / answers who is signed in, after the way over CAS.
"use strict";

const express = require("express");
const session = require("express-session");
const passport = require("passport");
const { Strategy } = require("@coursetable/passport-cas");

const [port, casUrl, version] = process.argv.slice(2);
const own = `http://127.0.0.1:${port}`;

passport.serializeUser((user, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, user));
passport.use(new Strategy({ version, ssoBaseURL: casUrl, serverBaseURL: own }, (login, done) => done(null, login)));

const app = express();
app.use(session({ secret: "of the tests", resave: false, saveUninitialized: false }));
app.use(passport.initialize());
app.use(passport.session());
app.get("/", passport.authenticate("cas"), (request, response) => response.json(request.user));
app.listen(Number(port), "127.0.0.1", () => console.log("ready"));
