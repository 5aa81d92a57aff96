import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { filesIn, folderWith } from "../../../test/fixtures/init-app.js";
import { runInit } from "./init.js";
import { nextConfigChange } from "./next-config.js";
import { readProject } from "./project.js";

/** What `keyturn init` writes into a Next project. That such a project builds and runs was tried by hand, and no test does it: docs/next.md says with what. */

let said = "";
beforeEach(() => {
  said = "";
  vi.spyOn(console, "log").mockImplementation((text = "") => {
    said += `${text}\n`;
  });
});
afterEach(() => void vi.restoreAllMocks());

const run = (folder: string, ...args: readonly string[]) =>
  runInit([...args, "--yes", "--cwd", folder, "--no-install"], { environment: {}, terminal: undefined });
const typescript = { name: "TypeScript", format: "esm", ending: ".ts", imported: "" } as const;

/** As the generator of Next leaves it. */
const generated = (src: "" | "src/", paths: object = {}) => ({
  "package.json": {
    scripts: { dev: "next dev -p 4000", build: "next build" },
    dependencies: { next: "16.0.0", react: "19.0.0" },
    devDependencies: { typescript: "^5" },
  },
  "tsconfig.json": {
    compilerOptions: { module: "esnext", moduleResolution: "bundler", strict: true, ...paths },
  },
  "next.config.ts":
    'import type { NextConfig } from "next";\n\nconst nextConfig: NextConfig = {\n  /* config options here */\n};\n\nexport default nextConfig;\n',
  ".gitignore": "/node_modules\n.env*\n",
  [`${src}app/page.tsx`]: "export default function Page() {}\n",
});
const exported = "export const { GET, POST, PUT, PATCH, DELETE, OPTIONS, HEAD } = handlers(auth);\n";

test.each([
  ["app", "" as const, "../../../auth"],
  ["src/app", "src/" as const, "../../../auth"],
])(
  "a project with %s gets a configuration, a route file and one line in next.config; and nothing the second time",
  async (app, src, from) => {
    const folder = folderWith(generated(src));
    const before = filesIn(folder);
    await run(folder);
    const after = filesIn(folder);
    const route = `${app}/auth/[[...keyturn]]/route.ts`;
    expect(Object.keys(after).filter((path) => after[path] !== before[path])).toEqual(
      [".gitignore", route, `${src}auth.ts`, "next.config.ts"].toSorted(),
    );
    expect(after[route]).toBe(
      `import { handlers } from "keyturn/next";\nimport { auth } from "${from}";\n\n${exported}`,
    );
    expect(after["next.config.ts"]).toContain(
      '= {\n  serverExternalPackages: ["keyturn"],\n  /* config options here */\n};',
    );
    expect(after[`${src}auth.ts`]).toContain("export const auth = sharedAuth(makeAuth);");
    expect(after[`${src}auth.ts`]).toContain('baseUrl: "http://localhost:4000"');
    // The lines for a route of one's own are a whole file.
    expect(said).toContain(
      `import { authenticated } from "keyturn/next"; // in a file such as ${app}/members_only/route.ts\n  import { auth } from "${from.replace("../../../", "../../")}";\n  export const GET = authenticated(auth, "user", (request, { account }) =>`,
    );
    said = "";
    await run(folder);
    expect(said).toContain(`Nothing to write. There already: ${src}auth.ts, ${route}`);
    expect(filesIn(folder)).toEqual(after);
  },
);

test("the import goes by the alias that the compiler knows", async () => {
  const folder = folderWith(generated("src/", { paths: { "@/*": ["./src/*"] } }));
  await run(folder);
  expect(filesIn(folder)["src/app/auth/[[...keyturn]]/route.ts"]).toContain('from "@/auth";');
  expect(said).toContain('\n  import { auth } from "@/auth";\n  export const GET = authenticated(auth');
});

test("a server's DATABASE_URL goes into .env.local, and Next is left to read it", async () => {
  const folder = folderWith({ ...generated(""), ".gitignore": "" });
  spawnSync("git", ["init"], { cwd: folder });
  await run(folder, "--database", "postgres");
  const { ".env.local": environment, ".gitignore": ignored, "auth.ts": config = "" } = filesIn(folder);
  expect(environment).toMatch(/^DATABASE_URL=postgres:/);
  expect(ignored).toBe(".env.local\n");
  expect(config).not.toContain("loadEnvFile");
  expect(config).toContain("write it into .env.local");
});

test("one more model gets a route file too", async () => {
  const folder = folderWith(generated(""));
  await run(folder);
  const before = filesIn(folder);
  await run(folder, "Admin", "/api/admin_auth");
  const after = filesIn(folder);
  const route = "app/api/admin_auth/[[...keyturn]]/route.ts";
  expect(Object.keys(after).filter((path) => after[path] !== before[path])).toEqual([route, "auth.ts"]);
  expect(after[route]).toContain('from "../../../../auth";');
  expect(after["auth.ts"]).toContain('admin: { mountAt: "/api/admin_auth", registration: false },');
});

test("a project in JavaScript gets .js, and a configuration that Node loads too", async () => {
  const folder = folderWith({ "package.json": { dependencies: { next: "15.5.0" } }, "app/page.js": "" });
  await run(folder);
  const files = filesIn(folder);
  expect(files["app/auth/[[...keyturn]]/route.js"]).toContain('from "../../../auth.mjs";');
  expect(files["next.config.mjs"]).toContain('serverExternalPackages: ["keyturn"],');
});

test.each([
  ["pages alone", { "pages/index.js": "" }, "docs/next.md#the-pages-router"],
  [
    "a page at the mount point",
    { "app/auth/page.tsx": "" },
    "app/auth/page.tsx has the path that Keyturn would have",
  ],
])("%s is refused with what to do instead, and nothing is written", async (_, files, sentence) => {
  const folder = folderWith({ "package.json": { dependencies: { next: "^16.0.0" } }, ...files });
  const before = filesIn(folder);
  await expect(run(folder)).rejects.toThrow(sentence);
  expect(filesIn(folder)).toEqual(before);
});

test("Next 14 is told which version is needed", async () => {
  const folder = folderWith({ "package.json": { dependencies: { next: "^14.2.0" } }, "app/page.js": "" });
  await expect(run(folder)).rejects.toThrow("This project has Next 14; Keyturn's adapter needs Next 15");
});

const changed = (name: string, text: string) => {
  const change = nextConfigChange(readProject(folderWith({ "package.json": {}, [name]: text })), typescript);
  return typeof change === "object" ? change.after : change;
};

test.each([
  ["export default {};", 'export default { serverExternalPackages: ["keyturn"] };'],
  [
    "module.exports = { reactStrictMode: true };",
    'module.exports = { serverExternalPackages: ["keyturn"], reactStrictMode: true };',
  ],
  [
    "const nextConfig = {\r\n\tbasePath: '/v1',\r\n}\r\nexport default nextConfig\r\n",
    "const nextConfig = {\r\n\tserverExternalPackages: ['keyturn'],\r\n\tbasePath: '/v1',\r\n}\r\nexport default nextConfig\r\n",
  ],
  [
    "const config = { serverExternalPackages: ['sharp'] } satisfies NextConfig;\nexport default withOthers(config);",
    "const config = { serverExternalPackages: ['keyturn', 'sharp'] } satisfies NextConfig;\nexport default withOthers(config);",
  ],
])("next.config %j", (before, after) => {
  expect(changed("next.config.ts", before)).toBe(after);
  expect(changed("next.config.ts", after)).toBeUndefined();
});

test.each([
  ["a function", "export default (phase) => ({ reactStrictMode: true });"],
  ["a list from elsewhere", "export default { serverExternalPackages: packages };"],
])("%s in next.config is left to its author", (_, text) => {
  expect(changed("next.config.mjs", text)).toBe("by hand");
});
