/** An app that has declared an account of its own for Express's requests, before Keyturn came. */
import express from "express";
import { createAuth } from "keyturn";
import { authenticate, keyturn } from "keyturn/express";
import { sqlite } from "keyturn/sqlite";

declare global {
  namespace Express {
    interface Request {
      account?: { readonly tenant: string };
      user?: { readonly name: string };
    }
  }
}

interface TenantRequest extends express.Request {
  account: { readonly tenant: string; readonly region: string };
}

const auth = createAuth({
  baseUrl: "http://localhost:3000",
  database: sqlite(":memory:"),
  models: { user: { mountAt: "/auth" } },
});
export const app = express();
app.use((req, _res, next) => {
  req.account = { tenant: "acme" };
  next();
});
app.use(keyturn(auth));
app.get("/tenant", (req, res) => {
  const tenant: string | undefined = req.account?.tenant;
  res.json({ tenant });
});
app.get("/me", authenticate(auth, "user"), (_req, res) => {
  const uid: string = res.locals.account.uid;
  res.json({ uid });
});
export const regionOf = (req: TenantRequest): string => req.account.region;
