import { basename } from "node:path";

/**
 * Who may import whom, from the innermost room to the outermost. A room is a folder of src or a file directly in it. Some files inside of
 * a folder have rules of their own: they are rooms too, with a name in `roomOf`. Imports of types count like all others.
 */
const base = [
  "protocol",
  "texts",
  "errors",
  "events",
  "logger",
  "time-limit",
  "parse-url",
  "telemetry/instruments",
  "telemetry/telemetry",
];
const ports = [
  "database/port",
  "database/account-port",
  "database/counter-port",
  "database/audit-port",
  "database/device-port",
  "database/ticket-port",
  "database/identity-port",
  "database/flow-port",
  "database/token-hash",
  "database/database-error",
  "mail/message",
];
const types = [
  ...ports,
  "checks/bot-check",
  "accounts/actions",
  "accounts/authentication-keys",
  "accounts/models",
  "accounts/column-list",
];
const inner = [
  "feature settings",
  "providers",
  "config/duration",
  "config/secrets",
  ...base,
  ...types,
  "engine",
  "accounts",
  "config/setting",
  "config",
];
const whole = [
  ...inner,
  "feature",
  "features/list",
  "http",
  "runtime",
  "readiness",
  "account-functions",
  "internals",
  "auth",
];
export const mayImport: Record<string, readonly string[]> = {
  // What everything else is said with.
  protocol: [],
  texts: ["protocol"],
  errors: ["protocol", "texts"],
  events: ["protocol", "texts"],
  logger: [],
  "time-limit": [],
  "parse-url": [],
  // What is measured, and where it goes.
  "telemetry/instruments": [],
  "telemetry/telemetry": ["telemetry/instruments"],
  "background-work": ["time-limit"],
  readiness: ["time-limit"],
  "clock-watch": ["events"],
  // What a model and an account are; what the inner rooms ask of a database; what a mail is.
  "accounts/actions": [],
  "accounts/authentication-keys": [],
  "accounts/column-list": [],
  "accounts/models": [
    ...base,
    "feature settings",
    "accounts/column-list",
    "accounts/actions",
    "accounts/authentication-keys",
  ],
  "database/token-hash": [],
  "database/counter-port": [],
  "database/audit-port": [],
  "database/device-port": ["accounts/models"],
  "database/account-port": [
    ...base,
    "accounts/authentication-keys",
    "accounts/models",
    "accounts/column-list",
    "database/token-hash",
  ],
  "database/ticket-port": [...base, "accounts/models", "database/account-port"],
  "database/identity-port": [...base, "accounts/models", "database/account-port"],
  "database/flow-port": [],
  "database/port": [
    ...base,
    "accounts/models",
    "database/account-port",
    "database/counter-port",
    "database/audit-port",
    "database/device-port",
    "database/ticket-port",
    "database/identity-port",
    "database/flow-port",
    "database/token-hash",
  ],
  "database/database-error": base,
  "mail/message": base,
  // The rules of rotation. Then accounts, settings, and what features do with them.
  engine: [...base, ...types],
  accounts: [...base, ...types, "engine"],
  "config/duration": [],
  "config/secrets": [],
  "config/setting": [...base, "config/duration"],
  config: [
    ...base,
    ...types,
    "engine",
    "accounts",
    "config/setting",
    "config/duration",
    "config/secrets",
    "feature settings",
    "providers",
  ],
  // What a provider is: data that a configuration names.
  providers: ["parse-url"],
  "feature settings": [
    "parse-url",
    "config/setting",
    "config/duration",
    "config/secrets",
    "database/counter-port",
    "checks/bot-check",
    "accounts/actions",
    "database/audit-port",
    "providers",
  ],
  feature: [...inner, "feature settings"],
  "features/list": ["feature", "feature settings", ...inner],
  http: [...inner, "feature", "features/list"],
  // What the inner rooms ask for, done with real parts.
  database: [...inner],
  redis: ["database/counter-port"],
  // What an app may plug in.
  "checks/bot-check": [],
  checks: ["parse-url", "checks/bot-check"],
  opentelemetry: ["telemetry/instruments", "telemetry/telemetry"],
  mail: [...inner, "feature", "features/list"],
  // What is put around the parts when somebody measures.
  telemetry: [...inner, "feature", "http"],
  // Where all parts meet.
  runtime: [
    ...inner,
    "feature",
    "features/list",
    "http",
    "database",
    "mail",
    "background-work",
    "clock-watch",
    "telemetry",
  ],
  "account-functions": [...inner, "feature", "http"],
  internals: [...inner, "http", "account-functions"],
  auth: [
    ...inner,
    "feature",
    "features/list",
    "http",
    "telemetry",
    "readiness",
    "runtime",
    "account-functions",
    "internals",
  ],
  index: [...whole, "database", "mail"],
  // Around it.
  adapters: whole,
  cli: [...whole, "adapters", "database", "mail", "opentelemetry"],
  testing: [...whole, "database", "mail"],
  client: ["protocol"],
};

/** The room that a file belongs to. Each feature is one: a feature does not know the others, only `features/list.ts` knows all. */
export function roomOf(path: string): string {
  const [folder = "", name = "", file] = path.split("/");
  if (folder === "features" && (file ?? name) === "settings.ts") return "feature settings";
  if (path.startsWith("features/omniauthable/providers/")) return "providers";
  if (folder === "features" && file !== undefined) return `feature ${name}`;
  const ownRules = path.replace(/\.ts$/, "");
  if (ownRules in mayImport) return ownRules;
  if (folder === "features") return "feature";
  return basename(folder, ".ts");
}

/** Whether a room may import from another. */
export function isAllowed(from: string, to: string): boolean {
  // The rules of a feature are those of all, and what they share (`features/feature.ts`) is open to each.
  const kind = (room: string): string =>
    room.startsWith("feature ") && room !== "feature settings" ? "feature" : room;
  if (from === to) return true;
  if (kind(from) === "feature" && kind(to) === "feature") return to === "feature";
  return mayImport[kind(from)]?.includes(kind(to)) ?? false;
}

/** Where each package is at home. One that is not listed is a decision nobody has taken yet. */
export const packageHomes: Record<string, readonly string[]> = {
  "@hono/node-server": ["cli"],
  "@node-rs/argon2": ["accounts"],
  "@opentelemetry/api": ["opentelemetry"],
  "@opentelemetry/exporter-prometheus": ["cli"],
  "@opentelemetry/sdk-metrics": ["cli"],
  "@zxcvbn-ts/language-common": ["accounts"],
  "@node-rs/bcrypt": ["accounts"],
  // For keyturn init, which reads the app's sources before it changes them.
  "@sveltejs/acorn-typescript": ["cli"],
  // For the contract, which only tests run.
  "fast-check": ["database"],
  acorn: ["cli"],
  "better-sqlite3": ["database"],
  commander: ["cli"],
  eta: ["mail"],
  // For the command line, which resolves what the app's compiler does.
  "get-tsconfig": ["cli"],
  express: ["adapters"],
  fastify: ["adapters"],
  hono: ["adapters", "cli"],
  jiti: ["cli"],
  jose: ["features"],
  koa: ["adapters"],
  kysely: ["database"],
  "libphonenumber-js": ["accounts"],
  mysql2: ["database"],
  nodemailer: ["mail"],
  "openid-client": ["features"],
  pg: ["database"],
  pino: ["cli"],
  // In src/client/react alone; test/client.size.test.ts holds that the rest of the client imports nothing.
  react: ["client"],
  zod: ["config", "features", "http", "cli"],
};

/** These run in browsers too, so they use nothing of Node. */
export const portable = ["protocol", "texts", "client"];

/** The folder of src that a file is in, or its own name. */
export function folderOf(path: string): string {
  return basename(path.split("/", 1)[0] ?? "", ".ts");
}
