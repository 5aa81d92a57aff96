import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { oidc } from "keyturn/providers";
import { sqlite } from "keyturn/sqlite";

/** What `npm start` runs. Each setting is explained in src/config/config.ts; KEYTURN_… variables override single ones. */

const baseUrl = process.env.KEYTURN_BASE_URL ?? `http://localhost:${process.env.PORT ?? "3000"}`;

// A real OpenID provider that runs in the same process and believes whoever asks: not in production. Its two keys are this process's own.
const isProduction = (process.env.KEYTURN_ENVIRONMENT ?? process.env.NODE_ENV) === "production";
const providers = isProduction
  ? {}
  : {
      demo: oidc({
        issuer: `${baseUrl}/idp`,
        label: "the demo provider",
        clientId: "keyturn-demo",
        clientSecret: randomBytes(24).toString("base64url"),
        authorizationParams: { prompt: "login" },
      }),
    };
const omniauthable = !isProduction;

// Both kinds of account have the same fields here; `writable` lets sign-up and account update set them.
const fields = {
  name: { type: "string", writable: true },
  nickname: { type: "string", writable: true },
  image: { type: "string", writable: true, maxLength: 2000 },
};

export default {
  baseUrl,
  // DATABASE_URL names another.
  database: sqlite(fileURLToPath(new URL("data/demo.db", import.meta.url))),
  models: {
    user: { mountAt: "/auth", fields, omniauthable },
    // Nobody has to confirm an address here: registering signs in at once.
    admin: { mountAt: "/admin_auth", fields, confirmable: false, omniauthable },
  },
  providers,
  groups: { member: ["user", "admin"] },
  // An answer may be lost on a bad network, with the token it carried: the one before it stays good until its successor is used.
  // "expire", the default, is stricter: it is good for the window only.
  lostResponses: "recover",
  // Outside production every loopback address is allowed as well, so a front end on another port works at once.
  redirectAllowlist: [`${baseUrl}/*`],
  mail: { from: "Keyturn demo <demo@localhost>", appName: "Keyturn demo" },
};
