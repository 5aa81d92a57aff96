import { basename, join } from "node:path";
import type { FileChange } from "./file-change.js";
import { type Project, readText } from "./project.js";

/** The files of an Express project around the configuration. What is there stays. */
export function newProjectFiles(project: Project, model: string): readonly FileChange[] {
  const name =
    basename(project.cwd)
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, "-")
      .replace(/^[._-]+/, "") || "app";
  const isModule = !project.manifest || project.manifest.type === "module";
  const scripts = { dev: "tsx watch server.ts", start: "tsx server.ts" };
  return [
    { path: "package.json", after: json({ name, private: true, type: "module", scripts }) },
    { path: "tsconfig.json", after: json({ compilerOptions, include: ["*.ts"] }) },
    { path: "server.ts", after: server(model, isModule) },
  ]
    .filter(({ path }) => readText(join(project.cwd, path)) === undefined)
    .map((file) => ({ ...file, before: undefined }));
}

const compilerOptions = {
  target: "es2023",
  module: "nodenext",
  types: ["node"],
  strict: true,
  skipLibCheck: true,
  outDir: "dist",
};

/** CommonJS, which a package.json that is there may ask for, has no `await` outside of functions. */
function server(model: string, isModule: boolean): string {
  const listen = `app.listen(port, () => console.log(\`http://localhost:\${port}\`))`;
  const start = isModule
    ? `await auth.ready(); // opens the database and creates its tables\n${listen};`
    : `// Opens the database and creates its tables.\nauth.ready().then(() => ${listen});`;
  return `import express from "express";
import { authenticate, keyturn } from "keyturn/express";
import { auth } from "./auth.js";

const app = express();
app.use(keyturn(auth));

// Where the link of a mail leads to in the end. Later that is a page of your front end.
app.get("/", (req, res) => {
  const isConfirmed = req.query["account_confirmation_success"] === "true";
  res.send(isConfirmed ? "Your address is confirmed. You can sign in now." : "It runs.");
});

app.get("/members_only", authenticate(auth, "${model}"), (req, res) => {
  res.json({ data: { message: \`Welcome \${req.account.name ?? req.account.email}\` } });
});

const port = Number(process.env["PORT"] ?? 3000);
${start}
`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
