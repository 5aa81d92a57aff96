import { createClient } from "keyturn/client";
import type { auth } from "../server/auth.js";
export const client = createClient<typeof auth>({ apiUrl: "https://api.example.com" });
export const admins = createClient<typeof auth, "admin">({
  apiUrl: "https://api.example.com",
  model: "admin",
  mountAt: "/admin_auth",
});
export const plain = createClient<{ user: { fields: { name: { type: "string" } } } }>({
  apiUrl: "https://api.example.com",
});
export async function enter(signal?: AbortSignal) {
  const account = await client.signIn({ email: "a", password: "b" }, { signal });
  const name: string | null = account.name;
  // @ts-expect-error: an age is a number
  const age: string | null = account.age;
  // @ts-expect-error: there is no such field
  account.nothing;
  return [name, age];
}
