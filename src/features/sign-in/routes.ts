import { AuthError } from "../../errors.js";
import { accountIds } from "../../events.js";
import { type Action, authenticate, signOut } from "../../http/call.js";
import { json, withoutTimes } from "../../http/respond.js";
import type { SessionJson } from "../../protocol.js";
import { signIn } from "./sign-in.js";

/** `POST /sign_in`: opens a session. */
export const create: Action = async (call) => {
  const { model, params, runtime } = call;
  call.authentication = await signIn(
    runtime.services,
    model,
    params.get("email"),
    params.get("password"),
    call.caller,
  );
  return json(200, {
    data: await runtime.services.hooks.answer(model, withoutTimes(call.authentication.account)),
  });
};

/** `GET /sign_in`: the mistake of a client, not a page. */
export const createByGet: Action = async () => {
  throw new AuthError("sign_in_with_get");
};

/** `DELETE /sign_out`: ends this session, and no other. */
export const destroy: Action = async (call) => {
  const authentication = await authenticate(call, { limited: true });
  if (!authentication) throw new AuthError("not_signed_in");
  const { store, emit } = call.runtime.services;
  await store.sessions.end(call.model, authentication.session.accountId, authentication.session.client);
  emit("session.ended", {
    ...accountIds(call.model, authentication.account),
    client: authentication.session.client,
  });
  signOut(call);
  return json(200, { success: true });
};

/** `GET|POST /validate_token`: who these credentials belong to. */
export const validate: Action = async (call) => {
  const authentication = await authenticate(call, { limited: true });
  if (!authentication) throw new AuthError("invalid_token");
  const data = await call.runtime.services.hooks.answer(call.model, withoutTimes(authentication.account));
  return json(200, { success: true, data });
};

/** `GET /sessions`: the account's devices. */
export const list: Action = async (call) => {
  const authentication = await authenticate(call);
  if (!authentication) throw new AuthError("unauthenticated");
  const sessions = await call.runtime.services.store.sessions.list(
    call.model,
    authentication.session.accountId,
  );
  const data = sessions.map(
    (session): SessionJson => ({
      id: session.client,
      current: session.client === authentication.session.client,
      user_agent: session.userAgent,
      address: session.address,
      label: session.label,
      created_at: new Date(session.createdAt).toISOString(),
      last_seen_at: new Date(session.rotatedAt).toISOString(),
      expires_at: new Date(session.expiresAt).toISOString(),
    }),
  );
  return json(200, { success: true, data });
};

/** `DELETE /sessions/:id`: ends one of the account's sessions. */
export const destroyOne: Action = async (call) => {
  const authentication = await authenticate(call);
  if (!authentication) throw new AuthError("unauthenticated");
  const { store, emit } = call.runtime.services;
  const id = call.path["id"] ?? "";
  if (!(await store.sessions.end(call.model, authentication.session.accountId, id)))
    throw new AuthError("session_not_found");
  emit("session.ended", { ...accountIds(call.model, authentication.account), client: id });
  if (id === authentication.session.client) signOut(call);
  return json(200, { success: true });
};

/** `DELETE /sessions`: ends all of them but this one. */
export const destroyOthers: Action = async (call) => {
  const authentication = await authenticate(call);
  if (!authentication) throw new AuthError("unauthenticated");
  const { store, emit } = call.runtime.services;
  const ended = await store.sessions.endAll(
    call.model,
    authentication.session.accountId,
    authentication.session.client,
  );
  emit("session.ended", {
    ...accountIds(call.model, authentication.account),
    reason: `all but ${authentication.session.client}`,
  });
  return json(200, { success: true, data: { ended } });
};
