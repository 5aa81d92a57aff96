/**
 * Fills the last column of security.md with the tests that say they show a line: `(security 7)` at the end of their names.
 * `node docs/update-security.mjs`. What stands there by hand stays where no test does.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = `${root}docs/security.md`;
const proofs = new Map();
for (const folder of ["src", "test", "demo", "bench"]) {
  for (const name of readdirSync(root + folder, { recursive: true })) {
    if (name.endsWith(".test.ts")) read(`${folder}/${name.replaceAll("\\", "/")}`);
  }
}
writeFileSync(page, readFileSync(page, "utf8").replace(/^\| (\d+) \|(.*?[^\\])\|(.*)\|$/gm, row));

function row(_line, number, text, byHand) {
  const found = (proofs.get(Number(number)) ?? []).toSorted();
  const proof = found.length > 0 ? ` ${found.join("<br>")} ` : byHand;
  return `| ${number} |${text}|${proof}|`;
}

function read(file) {
  const source = ts.createSourceFile(file, readFileSync(root + file, "utf8"), ts.ScriptTarget.ESNext);
  visit(source);

  function visit(node) {
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const text = node.getText(source).slice(1, -1);
      const [end, numbers] = / \([^()]*security ([\d, –-]+)\)$/.exec(text) ?? [];
      if (numbers !== undefined) {
        const name = text.slice(0, -end.length).replaceAll("|", "\\|");
        for (const number of spread(numbers)) note(number, `\`${file}\`: “${name}”`);
      }
    }
    ts.forEachChild(node, visit);
  }
}

function note(number, proof) {
  const known = proofs.get(number) ?? [];
  if (!known.includes(proof)) proofs.set(number, [...known, proof]);
}

/** "6, 8" and "12–14" as numbers. */
function spread(numbers) {
  return numbers.split(",").flatMap((part) => {
    const [from, to = from] = part.split(/[–-]/).map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}
