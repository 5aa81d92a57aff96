import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { withoutMark } from "../text-file.js";
import { readText } from "./project.js";

const schema = z.object({
  extends: z.union([z.string(), z.array(z.string())]).optional(),
  compilerOptions: z
    .looseObject({
      module: z.string().optional(),
      moduleResolution: z.string().optional(),
      target: z.string().optional(),
      allowImportingTsExtensions: z.boolean().optional(),
      verbatimModuleSyntax: z.boolean().optional(),
    })
    .optional(),
});

export type CompilerOptions = NonNullable<z.output<typeof schema>["compilerOptions"]>;

/**
 * The options of a tsconfig.json after `extends`. Read here and not by the compiler, because the project's may not be installed yet, or
 * may be one that has no such function. `undefined`: there is none, or it cannot be read.
 */
export function readCompilerOptions(file: string, depth = 0): CompilerOptions | undefined {
  const text = readText(file);
  if (text === undefined || depth > 10) return undefined;
  const { success, data } = schema.safeParse(parseJsonc(withoutMark(text)));
  if (!success) return undefined;
  const bases = [data.extends ?? []].flat().map((one) => readCompilerOptions(locate(one, file), depth + 1));
  return Object.assign({}, ...bases, data.compilerOptions);
}

function locate(name: string, from: string): string {
  if (/^\.{0,2}\//.test(name)) return withEnding(resolve(dirname(from), name));
  const require = createRequire(from);
  for (const wanted of [name, `${name}.json`, join(name, "tsconfig.json")]) {
    try {
      return require.resolve(wanted);
    } catch {
      // Not installed, or under the next name.
    }
  }
  return name;
}

function withEnding(path: string): string {
  return path.endsWith(".json") ? path : `${path}.json`;
}

/** JSON with comments and trailing commas. `undefined` for anything else. */
function parseJsonc(text: string): unknown {
  const strings = /"(?:[^"\\]|\\.)*"/.source;
  const plain = text
    .replace(new RegExp(`(${strings})|//.*|/\\*[^]*?\\*/`, "g"), (_, string) => string ?? "")
    .replace(new RegExp(`(${strings})|,(?=\\s*[}\\]])`, "g"), (_, string) => string ?? "");
  try {
    return JSON.parse(plain);
  } catch {
    return undefined;
  }
}
