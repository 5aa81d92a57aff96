import { z } from "zod";
import { startChecks } from "../../accounts/validation.js";
import type { Identity } from "../../database/identity-port.js";
import type { Authentication } from "../../engine/authentication.js";
import { AuthError } from "../../errors.js";
import { accountIds } from "../../events.js";
import type { IdentityJson } from "../../protocol.js";
import { type Call, ok } from "../call.js";
import { checkCurrentPassword } from "../current-password.js";
import type { Route } from "../feature.js";
import { announceAddedIdentity, announceRemovedIdentity } from "../identity-notices.js";
import { password, success } from "../schemas.js";
import { isOffered } from "./offered.js";
import { redeemCode } from "./one-time-code.js";

/** For so long after a sign-in, its session may change how the account is signed in to. Milliseconds. */
const recently = 10 * 60 * 1000;

const identitySchema = z.object({
  id: z.string(),
  provider: z.string(),
  uid: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  created_at: z.iso.datetime(),
  last_used_at: z.iso.datetime(),
});

const listIdentities: Route = {
  method: "GET",
  path: "/identities",
  name: "listIdentities",
  summary: "List the account's identities at providers",
  isFor: isOffered,
  access: "session",
  unauthenticated: "unauthenticated",
  output: () => success({ data: z.array(identitySchema) }),
  errors: [],
  async action(call, { session }) {
    const identities = await call.services.store.identities.list(call.model, session.accountId);
    return ok({ success: true, data: identities.map(shown) });
  },
};

const addIdentity: Route = {
  method: "POST",
  path: "/identities",
  name: "addIdentity",
  summary: "Add the identity of a sign-in that this session began with omniauth_link",
  isFor: isOffered,
  access: "session",
  unauthenticated: "unauthenticated",
  input: () =>
    z.object({ omniauth_code: z.string(), code_verifier: z.string(), current_password: password.optional() }),
  output: () => success({ data: identitySchema }),
  errors: ["omniauth_code_invalid", "identity_taken", "reauthentication_required", "invalid"],
  async action(call, authentication) {
    await requireProof(call, authentication);
    const { services, model } = call;
    const { account, session } = authentication;
    const [code, verifier] = [call.text("omniauth_code"), call.text("code_verifier")];
    const { result } = await redeemCode(services, model.name, "identity", code, verifier);
    // The session that began it, and no other: an identity must not come to whoever is signed in by now.
    if (result.client !== session.client) throw new AuthError("omniauth_code_invalid");
    await services.limits.change(model, account, "identity");
    const { identities } = services.store;
    const linked = await identities.link(model, session.accountId, result.identity, { by: session.client });
    if (linked === undefined) throw new AuthError("unauthenticated");
    const stored = await identities.find(model, result.identity.id);
    if (stored?.accountId !== session.accountId) throw new AuthError("identity_taken");
    const record = linked === "linked" && (await services.store.accounts.find(model, session.accountId));
    if (record) announceAddedIdentity(services, model, record, stored.provider);
    return ok({ success: true, data: shown(stored) });
  },
};

const removeIdentity: Route = {
  method: "DELETE",
  path: "/identities/:id",
  name: "removeIdentity",
  summary: "Remove one of the account's identities",
  isFor: isOffered,
  access: "session",
  unauthenticated: "unauthenticated",
  input: () => z.object({ current_password: password.optional() }),
  output: () => success(),
  errors: ["identity_not_found", "last_sign_in_method", "reauthentication_required", "invalid"],
  async action(call, authentication) {
    await requireProof(call, authentication);
    const { services, model } = call;
    const { session } = authentication;
    const id = call.path["id"] ?? "";
    const { identities } = services.store;
    const known = await identities.find(model, id);
    const done = await identities.unlink(model, session.accountId, id, session.client);
    if (done === undefined) throw new AuthError("identity_not_found");
    if (done === "last") throw new AuthError("last_sign_in_method");
    const record = await services.store.accounts.find(model, session.accountId);
    if (record) {
      announceRemovedIdentity(services, model, record, known?.provider ?? id);
      services.emit("session.ended", {
        ...accountIds(model, record.account),
        reason: `all but ${session.client}`,
      });
    }
    return ok({ success: true });
  },
};

export const identityRoutes: readonly Route[] = [listIdentities, addIdentity, removeIdentity];

/** Throws AuthError `reauthentication_required` unless the current password was sent, or the session was opened a moment ago. */
async function requireProof(call: Call, { session, account }: Authentication): Promise<void> {
  const { services, model } = call;
  const given = call.text("current_password");
  if (given !== undefined) {
    const checks = startChecks();
    await checkCurrentPassword(services, model, account, given, true, checks);
    checks.done({});
    return;
  }
  const { sessions } = services.store;
  const found = await sessions.find(model, session.client);
  const listed = await sessions.list(model, session.accountId);
  const createdAt = listed.find(({ client }) => client === session.client)?.createdAt ?? 0;
  if (!found || found.now - createdAt > recently) throw new AuthError("reauthentication_required");
}

function shown({ id, provider, subject, name, email, createdAt, lastUsedAt }: Identity): IdentityJson {
  return {
    id,
    provider,
    uid: subject,
    name,
    email,
    created_at: new Date(createdAt).toISOString(),
    last_used_at: new Date(lastUsedAt).toISOString(),
  };
}
