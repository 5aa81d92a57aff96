import type { Settings } from "../config.js";
import { credentialsOf, testAuth } from "../testing.js";

/** What the tests of the auth routes share: the usual two models, one person, and a reader of answers. */
const models = {
  user: { mountAt: "/auth", fields: { name: { type: "string", writable: true } } },
  admin: { mountAt: "/admin_auth", confirmable: false },
} as const;

export const startAuth = (settings: Partial<Settings> = {}) => testAuth({ ...settings, models });
export type Fixture = Awaited<ReturnType<typeof startAuth>>;

export const password = "a quiet violet hour";
export const ada = { email: "ada@example.com", password };

/** A logger for tests in which something fails on purpose. */
export const silent = { info() {}, warn() {}, error() {} };

/** Registers a user and follows the link of its mail. */
export async function registerUser(
  { auth, request, linkTo }: Fixture,
  person: typeof ada = ada,
): Promise<void> {
  await request("POST /auth", { body: { ...person, confirm_success_url: "http://localhost:5173/" } });
  await auth.handle(new Request(linkTo(person.email)));
}

/** Signs in; the credentials of the new session. */
export async function signIn(
  { request }: Fixture,
  person: typeof ada = ada,
  mountAt = "/auth",
): Promise<Record<string, string>> {
  return credentialsOf(await request(`POST ${mountAt}/sign_in`, { body: person }));
}

/** The parts that bodies of the auth routes have, each where the contract names it. */
export interface AnswerBody {
  readonly success: boolean;
  readonly status: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly errors: Readonly<Record<string, unknown>>;
}

/** The body of a JSON answer. */
export async function bodyOf(answer: Response): Promise<AnswerBody> {
  const body: AnswerBody = JSON.parse(await answer.text());
  return body;
}

/** Asks for a password reset and follows its link; the parameters of the redirect. */
export async function followReset(
  { auth, request, linkTo }: Fixture,
  email: string,
  redirect_url: string,
): Promise<Record<string, string>> {
  await request("POST /auth/password", { body: { email, redirect_url } });
  const answer = await auth.handle(new Request(linkTo(email)));
  return Object.fromEntries(new URL(answer.headers.get("location") ?? "").searchParams);
}

/** The credentials of such a redirect, by the names that old clients read, as headers. */
export function headersOf({ token = "", client_id = "", uid = "" }: Readonly<Record<string, string>>) {
  return { "access-token": token, client: client_id, uid };
}
