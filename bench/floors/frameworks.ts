/** The floor as a route of each framework. */
import type { IncomingMessage, RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import { Hono } from "hono";
import type { Floor, FloorAnswer } from "./answer.js";

export function nodeFloor(floor: Floor): RequestListener {
  return (req, res) => {
    whenThere(floor(req.headers, req.socket.remoteAddress), (answer) => {
      if (!answer) {
        res.writeHead(401).end();
        return;
      }
      const body = JSON.stringify({ data: answer.account });
      // One by one: Node takes half as long for that as for an object of all (36 µs a request against 23, Node 20.20).
      for (const name in answer.headers) res.setHeader(name, answer.headers[name] ?? "");
      res.writeHead(200, {
        "content-type": "application/json; charset=utf-8",
        "content-length": Buffer.byteLength(body),
      });
      res.end(body);
    });
  };
}

export function expressFloor(floor: Floor): RequestListener {
  const app = express();
  app.get("/me", (req, res) =>
    whenThere(floor(req.headers, req.socket.remoteAddress), (answer) => {
      if (!answer) return void res.status(401).end();
      for (const name in answer.headers) res.setHeader(name, answer.headers[name] ?? "");
      res.json({ data: answer.account });
    }),
  );
  return app;
}

export function honoFloor(floor: Floor): RequestListener {
  const app = new Hono<{ Bindings: { readonly incoming: IncomingMessage } }>();
  app.get("/me", (c) => {
    const { incoming } = c.env;
    return whenThere(floor(incoming.headers, incoming.socket.remoteAddress), (answer) =>
      answer ? c.json({ data: answer.account }, 200, answer.headers) : c.body(null, 401),
    );
  });
  return getRequestListener(app.fetch as never);
}

function whenThere<T>(found: ReturnType<Floor>, use: (answer: FloorAnswer | undefined) => T): T | Promise<T> {
  return found instanceof Promise ? found.then(use) : use(found);
}
