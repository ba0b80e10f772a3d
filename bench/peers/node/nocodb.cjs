// Starts NocoDB as its own image does, on the loopback: node nocodb.cjs <folder with node_modules>; the port is in PORT.
"use strict";

const http = require("node:http");
const { createRequire } = require("node:module");
const path = require("node:path");

const from = createRequire(path.join(process.argv[2], "node_modules", "nocodb", "package.json"));
const { Noco } = from("nocodb");
const application = from("express")();
const server = http.createServer(application);

Noco.init({}, server, application).then(
  (pages) => {
    application.use(pages);
    server.listen(Number(process.env.PORT), "127.0.0.1");
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
