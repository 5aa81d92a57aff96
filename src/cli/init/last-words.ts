import { type Host, hostOf } from "./app-entry.js";
import { firstAccount, type InitOptions, isClosed } from "./arguments.js";
import { entryOf } from "./mounting.js";
import { routeToGuard } from "./next-app.js";
import type { ManagerWords } from "./package-manager.js";
import type { Findings, Plan } from "./plan.js";

/** The commands to try: start the app, register, sign in (and reach the protected route, where there is one). */
export function toTry(
  findings: Findings,
  options: InitOptions,
  words: ManagerWords,
  plan: Pick<Plan, "port" | "auth" | "config">,
): readonly string[] {
  const { port } = plan;
  const url = `localhost:${port}${options.mountAt}`;
  const who = "-d email=ada@example.com -d password='a long passphrase'";
  const isNew = findings.framework === "new";
  return [
    startCommand(findings, words),
    isClosed(options.model)
      ? `${words.run} ${firstAccount(options.model)}   # nobody can register; asks for a password`
      : `curl ${url} ${who} -d confirm_success_url=http://localhost:${port}/   # then open the link of the mail that the app prints`,
    isNew
      ? `curl -si ${url}/sign_in ${who} | tr -d '\\r' | grep -i ^authorization: | curl -i localhost:${port}/members_only -H @-`
      : `curl -i ${url}/sign_in ${who}`,
    "",
    "The tables are made when the app starts with `await auth.ready()`, else at the first request. To make them before, or to see what is lacking:",
    `${words.run} keyturn migrate`,
    ...withEmptyLine(guardToTry(findings, options, plan)),
  ];
}

function withEmptyLine(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", ...lines];
}

/** The route that an app of somebody's own may still lack. A new one has it. */
export function guardToTry(
  findings: Findings,
  options: InitOptions,
  plan: Pick<Plan, "auth" | "config">,
): readonly string[] {
  const lines = guard(findings, options.model, plan);
  return lines.length === 0 ? [] : ["A route for signed-in accounts only:", ...lines];
}

/** What is new with one more model. */
export function modelToTry(model: string, mountAt: string, words: ManagerWords): string {
  const first = isClosed(model)
    ? `Nobody can register as ${model} (registration: false). Its first account comes from:\n\n  ${words.run} ${firstAccount(model)}`
    : `An account of it registers with POST ${mountAt}, and signs in with POST ${mountAt}/sign_in.`;
  return `New: the model ${model}, mounted at ${mountAt}. Its table is made when the app starts.\n\n${first}`;
}

/** With the imports that it needs beside what mounts the routes. */
function guard(findings: Findings, model: string, { auth, config }: Pick<Plan, "auth" | "config">) {
  const { framework, language, project, entries } = findings;
  if (framework === "new" || framework === "none") return [];
  if (framework === "next") {
    const route = routeToGuard(project, language, config);
    if (route === undefined) return [];
    return [
      `import { authenticated } from "keyturn/next"; // in a file such as ${route.path}`,
      `import { auth } from "${route.from}";`,
      `export const GET = authenticated(auth, "${model}", (request, { account }) => Response.json({ email: account.email }));`,
    ];
  }
  const host = hostOf(framework, project, entries);
  const { importsByRequire } = language;
  const isRequire = language.format === "commonjs" && language.name === "JavaScript";
  const imported = importsByRequire
    ? `import routes = require("${entryOf[host]}");`
    : isRequire
      ? `const { authenticate } = require("${entryOf[host]}");`
      : `import { authenticate } from "${entryOf[host]}";`;
  const guarded = importsByRequire
    ? `routes.authenticate(config.auth, "${model}")`
    : `authenticate(${auth}, "${model}")`;
  const routes: Readonly<Record<Host, readonly string[]>> = {
    hono: [`app.get("/members_only", ${guarded}, (c) => c.json({ email: c.var.account.email }));`],
    express: [`app.get("/members_only", ${guarded}, (req, res) => res.json({ email: req.account.email }));`],
    fastify: [
      `app.get("/members_only", { onRequest: ${guarded} }, async (request) => ({ email: request.account.email }));`,
    ],
    koa: [
      `router.get("/members_only", ${guarded}, (ctx) => { ctx.body = { email: ctx.state.account.email }; }); // of @koa/router`,
    ],
    nest: [`app.use("/members_only", ${guarded}); // in main.ts; the controllers below find req.account`],
    nestOnFastify: [
      `const members = ${guarded}; // in main.ts; the controllers find request.account`,
      'app.getHttpAdapter().getInstance().addHook("onRequest", async (request, reply) => (request.url.startsWith("/members_only") ? members(request, reply) : undefined));',
    ],
  };
  return [imported, ...routes[host]];
}

function startCommand({ project, framework, entries, language }: Findings, words: ManagerWords): string {
  const scripts = project.manifest?.scripts ?? {};
  const script = ["start:dev", "dev", "start"].find((name) => name in scripts);
  const runScript = { npm: "npm run", pnpm: "pnpm run", yarn: "yarn run", bun: "bun run" }[words.name];
  if (framework === "new" && !project.manifest) return `${runScript} dev`;
  if (framework === "new") return `${words.run} tsx server.ts`;
  if (script !== undefined) return `${runScript} ${script}`;
  const entry = entries[0]?.path ?? `server${language.ending}`;
  return language.name === "TypeScript" ? `${words.run} tsx ${entry}` : `node ${entry}`;
}

/** The command that does the same without a question. */
export function repeatLine(
  { framework, database }: Findings,
  options: InitOptions,
  words: ManagerWords,
): string {
  return [
    words.run,
    "keyturn init",
    options.model,
    options.mountAt,
    `--framework ${framework === "new" ? "express" : framework}`,
    `--package-manager ${words.name}`,
    `--database ${database}`,
    "--yes",
    ...(options.install ? [] : ["--no-install"]),
    ...(options.force ? ["--force"] : []),
  ].join(" ");
}
