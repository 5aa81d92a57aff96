import { describe, expect, test } from "vitest";
import { sqlite } from "../database/sqlite/sqlite.js";
import { ConfigError } from "../errors.js";
import { resolveConfig, settingNames } from "./resolve.js";

const least = {
  baseUrl: "http://localhost:3000",
  environment: "test",
  database: sqlite(":memory:"),
  models: { user: { mountAt: "/auth" } },
};
/** As a JavaScript file gives it: nothing has checked the types. */
const resolve = (settings: object) => resolveConfig({ ...least, ...settings } as never);
function problemsOf(settings: object): readonly string[] {
  try {
    resolve(settings);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
const second = 1000;
const day = 24 * 60 * 60 * second;

describe("defaults", () => {
  test.each<[string, unknown]>([
    ["groups", {}],
    ["serverKeys", []],
    ["hooks", {}],
    ["overrides", {}],
    ["migrations", "apply"],
    ["changeHeadersOnEachRequest", true],
    ["tokenLifespan", 14 * day],
    ["batchRequestBufferThrottle", 5 * second],
    ["batchResponses", "repeat"],
    ["lostResponses", "expire"],
    ["onTokenReuse", "reject"],
    ["sessionLifetime", null],
    ["idleTimeout", null],
    ["maxNumberOfDevices", 10],
    ["acceptTokensInQuery", false],
    ["cookieEnabled", false],
    ["cookieName", "__Host-keyturn"],
    ["cookieSameSite", "lax"],
    ["cors", { origins: [], exposedHeaders: [], maxAge: 7200 }],
    ["auditLog", false],
    ["trustedProxies", []],
    ["redirectAllowlist", []],
    ["defaultConfirmSuccessUrl", undefined],
    ["defaultPasswordResetUrl", undefined],
    ["confirmWithin", 3 * day],
    ["unconfirmedAccountsExpireAfter", null],
    ["resetPasswordWithin", 3600 * second],
    ["checkCurrentPasswordBeforeUpdate", false],
    ["removeTokensAfterPasswordReset", true],
    ["requireClientPasswordResetToken", false],
    ["paranoid", false],
    ["passwordMinLength", 8],
    ["passwordMaxLength", 128],
    ["isPasswordBreached", undefined],
    ["mail", undefined],
    ["production", false],
  ])("%s", (name, value) => {
    expect(Object.fromEntries(Object.entries(resolve({})))[name]).toEqual(value);
  });

  test("there is no setting without a default, or a test of its default", () => {
    const resolved = new Set(Object.keys(resolve({})));
    const required = ["baseUrl", "database", "models"];
    const optional = [
      "environment",
      "onEvent",
      "errorResponse",
      "now",
      "mail",
      "isPasswordBreached",
      "fullHost",
      "telemetry",
      "rateLimits",
      "mailsInTotal",
      "botCheck",
      "defaultLocale",
      "chooseLocale",
    ];
    const optionalUrls = ["ConfirmSuccess", "PasswordReset", "UnlockSuccess", "Invitation"].map(
      (page) => `default${page}Url`,
    );
    for (const name of settingNames)
      expect([...required, ...optional, ...optionalUrls, ...resolved], name).toContain(name);
  });

  test("the header names are the protocol's; single ones can be changed, and are read in lower case", () => {
    const names = resolve({ headersNames: { "access-token": "Access_Token" } }).headersNames;
    expect(names).toEqual({
      "access-token": "access_token",
      "token-type": "token-type",
      client: "client",
      expiry: "expiry",
      uid: "uid",
      authorization: "authorization",
    });
  });

  test("errors go to the console", () => {
    expect(Object.keys(resolve({}).logger).sort()).toEqual(["error", "info", "warn"]);
  });

  test("durations are text or milliseconds", () => {
    const { tokenLifespan, confirmWithin } = resolve({ tokenLifespan: "2h", confirmWithin: 1500 });
    expect([tokenLifespan, confirmWithin]).toEqual([7200 * second, 1500]);
  });

  test("a slash at the end of baseUrl is dropped, so that links have one", () => {
    expect(resolve({ baseUrl: "https://api.example.com/v1//" }).baseUrl).toBe("https://api.example.com/v1");
  });
});

const mounted = (more: object) => ({ models: { user: { mountAt: "/auth", ...more } } });
const fields = (more: object) => mounted({ fields: more });

describe("what is refused, by its name", () => {
  test.each<[place: string, settings: object]>([
    ["baseUrl", { baseUrl: "localhost:3000" }],
    ["baseUrl", { baseUrl: "ftp://example.com" }],
    ["environment", { environment: "staging" }],
    ["database", { database: "app.db" }],
    ["models", { models: {} }],
    ["models.User", { models: { User: { mountAt: "/auth" } } }],
    ["models.user.mountAt", { models: { user: {} } }],
    ["models.user.mountAt", { models: { user: { mountAt: "auth" } } }],
    ["models.user.mountAt", { models: { user: { mountAt: "/" } } }],
    ["models.user.mountAt", { models: { user: { mountAt: "/auth/" } } }],
    ["models.user.mountAt", { models: { user: { mountAt: "/:id" } } }],
    ["models.user.table", mounted({ table: "users; drop" })],
    ["models.user.confirmable", mounted({ confirmable: "yes" })],
    ["models.user.colour", mounted({ colour: "red" })],
    ["models.user.fields.password", fields({ password: { type: "string" } })],
    ["models.user.fields.base", fields({ base: { type: "string" } })],
    ["models.user.fields.uid", fields({ uid: { type: "string" } })],
    ["models.user.fields.a-b", fields({ "a-b": { type: "string" } })],
    ["models.user.fields.a.type", fields({ a: { type: "date" } })],
    ["models.user.fields.a.writable", fields({ a: { type: "string", writable: "always" } })],
    ["models.user.fields.a.maxLength", fields({ a: { type: "string", maxLength: 0 } })],
    ["models.admin.mountAt", { models: { user: { mountAt: "/auth" }, admin: { mountAt: "/auth" } } }],
    ["models.b.table", { models: { a: { mountAt: "/a", table: "t" }, b: { mountAt: "/b", table: "t" } } }],
    ["groups.user", { groups: { user: ["user"] } }],
    ["groups.member", { groups: { member: ["ghost"] } }],
    ["groups.member", { groups: { member: [] } }],
    ["hooks", { hooks: [] }],
    ["hooks.ghost", { hooks: { ghost: {} } }],
    ["hooks.toString", { hooks: { toString: {} } }],
    ["hooks.user.afterSignUp", { hooks: { user: { afterSignUp: () => undefined } } }],
    ["hooks.user.answer", { hooks: { user: { answer: { initials: "A" } } } }],
    ["overrides.ghost", { overrides: { ghost: {} } }],
    ["overrides.user.validateTokens", { overrides: { user: { validateTokens: () => ({}) } } }],
    ["overrides.user.signIn", { overrides: { user: { signIn: { status: 200 } } } }],
    [
      "models.user.permittedParameters.registration",
      mounted({ permittedParameters: { registration: ["a"] } }),
    ],
    ["models.user.permittedParameters.register.0", mounted({ permittedParameters: { register: [1] } })],
    ["errorResponse", { errorResponse: { body: {} } }],
    ["serverKeys.0", { serverKeys: ["short"] }],
    ["migrations", { migrations: "never" }],
    ["tokenLifespan", { tokenLifespan: "999ms" }],
    ["tokenLifespan", { tokenLifespan: "soon" }],
    ["batchRequestBufferThrottle", { batchRequestBufferThrottle: -1 }],
    ["batchResponses", { batchResponses: "blank" }],
    ["lostResponses", { lostResponses: "keep" }],
    ["onTokenReuse", { onTokenReuse: "ban" }],
    ["sessionLifetime", { sessionLifetime: 0 }],
    ["idleTimeout", { idleTimeout: "0s" }],
    ["idleTimeout", { idleTimeout: "1h", changeHeadersOnEachRequest: false }],
    ["idleTimeout", { idleTimeout: "5s" }],
    ["maxNumberOfDevices", { maxNumberOfDevices: 0 }],
    ["headersNames.uid", { headersNames: { uid: "u id" } }],
    ["headersNames.token", { headersNames: { token: "x" } }],
    ["cookieName", { cookieName: "a;b" }],
    ["cookieSameSite", { cookieSameSite: "none" }],
    ["cors.origins.0", { cors: { origins: ["https://app.example.com/"] } }],
    ["cors.origins.0", { cors: { origins: ["*"] }, cookieEnabled: true }],
    ["cors.origins.0", { cors: { origins: ["null"] } }],
    ["cors.origins.0", { cors: { origins: ["https://app.example.com:443"] } }],
    ["cors.origins.1", { cors: { origins: ["app://ok", "Capacitor://localhost"] } }],
    ["cors.origins.0", { cors: { origins: ["capacitor://localhost/index.html"] } }],
    ["cors.exposedHeaders.0", { cors: { exposedHeaders: ["x total"] } }],
    ["cors.allowedHeaders.0", { cors: { allowedHeaders: ["*"] } }],
    ["cors.maxAge", { cors: { maxAge: "soon" } }],
    ["cors.origin", { cors: { origin: ["https://app.example.com"] } }],
    ["cors", { cors: true }],
    ["cookieSameSite", { cookieSameSite: "none", cors: false }],
    ["auditLog.attemptsFor", { auditLog: { attemptsFor: "23h" } }],
    ["auditLog.changesFor", { auditLog: { changesFor: "long" } }],
    ["auditLog.addressesFor", { auditLog: { addressesFor: 0 } }],
    ["auditLog.maximumRows", { auditLog: { maximumRows: 999 } }],
    ["auditLog.attempsFor", { auditLog: { attempsFor: "90d" } }],
    ["auditLog", { auditLog: "yes" }],
    ["trustedProxies.0", { trustedProxies: ["10.0.0.0/99"] }],
    ["redirectAllowlist.0", { redirectAllowlist: ["*"] }],
    ["redirectAllowlist.0", { redirectAllowlist: ["javascript:*"] }],
    ["defaultConfirmSuccessUrl", { defaultConfirmSuccessUrl: "" }],
    ["defaultConfirmSuccessUrl", { defaultConfirmSuccessUrl: "https://app.example.com/" }],
    ["defaultPasswordResetUrl", { defaultPasswordResetUrl: "/reset" }],
    ["confirmWithin", { confirmWithin: 0 }],
    ["resetPasswordWithin", { resetPasswordWithin: "0s" }],
    ["checkCurrentPasswordBeforeUpdate", { checkCurrentPasswordBeforeUpdate: true }],
    ["passwordMinLength", { passwordMinLength: 7 }],
    ["passwordMaxLength", { passwordMaxLength: 72 }],
    ["isPasswordBreached", { isPasswordBreached: ["hunter2"] }],
    ["mail.from", { mail: {} }],
    ["mail.send", { mail: { from: "a@example.com", send: "smtp://" } }],
    ["onEvent", { onEvent: "log" }],
    ["logger", { logger: {} }],
    ["now", { now: 0 }],
    ["colour", { colour: "red" }],
  ])("%s: %o", (place, settings) => {
    const problems = problemsOf(settings);
    expect(problems.map((problem) => problem.split(":")[0])).toContain(place);
    for (const problem of problems) expect(problem).toMatch(/^[\w.-]+: \S/);
  });

  test("what only looks wrong is taken", () => {
    expect(
      problemsOf({
        cors: {
          origins: ["https://app.example.com", "capacitor://localhost", "ionic://localhost", "app://-"],
        },
        cookieEnabled: true,
        cookieSameSite: "none",
        redirectAllowlist: ["https://app.example.com/*", "com.example.app://auth/*"],
        defaultConfirmSuccessUrl: "https://app.example.com/done",
        defaultPasswordResetUrl: "http://localhost:5173/reset",
        sessionLifetime: null,
        idleTimeout: null,
        batchRequestBufferThrottle: "0s",
        serverKeys: ["k".repeat(32)],
        hooks: { user: { answer: () => ({}), afterDelete: undefined } },
      }),
    ).toEqual([]);
  });
});

test("ten mistakes are reported together, one a line, and none says the value of a secret", () => {
  const wrong = {
    baseUrl: "nowhere",
    models: { user: { mountAt: "auth" } },
    serverKeys: ["hunter2"],
    tokenLifespan: "soon",
    batchResponses: "blank",
    maxNumberOfDevices: 0,
    cors: { origins: ["localhost"] },
    redirectAllowlist: ["*"],
    passwordMinLength: 4,
    colour: "red",
  };
  const problems = problemsOf(wrong);
  const places = problems.map((problem) => problem.split(/[:.]/)[0]);
  expect(places.sort()).toEqual(Object.keys(wrong).sort());
  expect(() => resolve(wrong)).toThrow(/^The configuration has 10 mistakes:(\n {2}- .+){10}$/);
  expect(problems.join()).not.toContain("hunter2");
});

describe("in production", () => {
  const mail = { from: "a@example.com", send: async () => undefined };
  const production = { environment: "production", baseUrl: "https://api.example.com", mail };

  test("https, a mail transport, and redirects that are listed", () => {
    expect(problemsOf(production)).toEqual([]);
    expect(resolve(production).production).toBe(true);
  });

  test.each<[string, object]>([
    ["baseUrl", { baseUrl: "http://api.example.com" }],
    ["mail.send", { mail: undefined }],
    ["mail.send", { mail: { from: "a@example.com" } }],
    ["defaultConfirmSuccessUrl", { defaultConfirmSuccessUrl: "http://localhost:5173/" }],
  ])("%s: %o is refused (security 36)", (place, settings) => {
    expect(problemsOf({ ...production, ...settings }).map((problem) => problem.split(":")[0])).toEqual([
      place,
    ]);
    expect(problemsOf({ ...settings, environment: "development" })).toEqual([]);
  });

  test("models that send no confirmations need no mail, and loopback needs no https", () => {
    const settings = { models: { admin: { mountAt: "/admin", confirmable: false } }, mail: undefined };
    expect(problemsOf({ ...production, ...settings, baseUrl: "http://localhost:3000" })).toEqual([]);
  });

  test("NODE_ENV says so where the configuration does not", () => {
    const before = process.env["NODE_ENV"];
    try {
      process.env["NODE_ENV"] = "production";
      expect(resolve({ ...production, environment: undefined }).production).toBe(true);
      expect(resolve({ environment: "test" }).production).toBe(false);
    } finally {
      process.env["NODE_ENV"] = before;
    }
  });
});
