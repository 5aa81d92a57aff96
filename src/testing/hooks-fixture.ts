import type { Settings } from "../config.js";
import type { HooksConfig } from "../core/hooks.js";
import type { ModelsConfig } from "../core/models.js";
import { credentialsOf, testAuth } from "../testing.js";
import { bodyOf, password } from "./http-fixture.js";

/** What the tests of hooks share: two models with fields, one person, and an Auth that asks and logs. */

const models = {
  user: {
    mountAt: "/auth",
    fields: {
      name: { type: "string", writable: true },
      age: { type: "integer", writable: true },
      plan: { type: "string", maxLength: 10 },
      vip: { type: "boolean" },
    },
  },
  admin: { mountAt: "/admin_auth", confirmable: false },
} as const satisfies ModelsConfig;

export const email = "ada@example.com";
export const confirm_success_url = "http://localhost:5173/";
export const ada = { email, password, name: "Ada", confirm_success_url };
/** The body of an answer to a mistake of the server. */
export const internal = { success: false, errors: ["Something went wrong on our side."] };

export type Hooked = Awaited<ReturnType<typeof startWith>>;

/** An Auth with these hooks, and the errors that it logs. */
export async function startWith(hooks: HooksConfig<typeof models>, settings: Partial<Settings> = {}) {
  const logged: string[] = [];
  const error = ({ err }: { readonly err?: unknown }) => logged.push(String(err));
  const t = await testAuth({ ...settings, models, hooks, logger: { info() {}, warn() {}, error } });
  const ask = async (route: string, body?: object, headers = {}) => {
    const answer = await t.request(route, { ...(body ? { body } : {}), headers });
    return { status: answer.status, held: credentialsOf(answer), body: await bodyOf(answer) };
  };
  /** Registers Ada, confirms her address and signs her in. */
  const signUp = async () => {
    await ask("POST /auth", ada);
    await t.auth.handle(new Request(t.linkTo(email)));
    return ask("POST /auth/sign_in", { email, password });
  };
  return { ...t, ask, signUp, logged, stored: () => t.auth.findAccountByEmail("user", email) };
}
