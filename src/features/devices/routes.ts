import { z } from "zod";
import { AuthError } from "../../errors.js";
import { accountIds } from "../../events.js";
import type { SessionJson } from "../../protocol.js";
import { ok } from "../call.js";
import type { Route } from "../feature.js";
import { success } from "../schemas.js";

const sessionSchema = z.object({
  id: z.string(),
  current: z.boolean(),
  user_agent: z.string().nullable(),
  address: z.string().nullable(),
  label: z.string().nullable(),
  created_at: z.iso.datetime(),
  last_seen_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
});

const listSessions: Route = {
  method: "GET",
  path: "/sessions",
  name: "listSessions",
  summary: "List the account's sessions",
  access: "session",
  unauthenticated: "unauthenticated",
  output: () => success({ data: z.array(sessionSchema) }),
  errors: [],
  async action(call, { session: current }) {
    const sessions = await call.services.store.sessions.list(call.model, current.accountId);
    const data = sessions.map(
      (session): SessionJson => ({
        id: session.client,
        current: session.client === current.client,
        user_agent: session.userAgent,
        address: session.address,
        label: session.label,
        created_at: new Date(session.createdAt).toISOString(),
        last_seen_at: new Date(session.rotatedAt).toISOString(),
        expires_at: new Date(session.expiresAt).toISOString(),
      }),
    );
    return ok({ success: true, data });
  },
};

const endOtherSessions: Route = {
  method: "DELETE",
  path: "/sessions",
  name: "endOtherSessions",
  summary: "End all sessions but this one",
  access: "session",
  unauthenticated: "unauthenticated",
  output: () => success({ data: z.object({ ended: z.int() }) }),
  errors: [],
  async action(call, { account, session }) {
    const { store, emit } = call.services;
    const ended = await store.sessions.endAll(call.model, session.accountId, session.client);
    if (ended === undefined) throw new AuthError("unauthenticated");
    emit("session.ended", { ...accountIds(call.model, account), reason: `all but ${session.client}` });
    return ok({ success: true, data: { ended } });
  },
};

const endSession: Route = {
  method: "DELETE",
  path: "/sessions/:id",
  name: "endSession",
  summary: "End one of the account's sessions",
  access: "session",
  unauthenticated: "unauthenticated",
  output: () => success(),
  errors: ["session_not_found"],
  async action(call, { account, session }) {
    const { store, emit } = call.services;
    const id = call.path["id"] ?? "";
    if (!(await store.sessions.revoke(call.model, session.accountId, id, session.client)))
      throw new AuthError("session_not_found");
    emit("session.ended", { ...accountIds(call.model, account), client: id });
    if (id === session.client) call.signOut();
    return ok({ success: true });
  },
};

export const deviceRoutes: readonly Route[] = [listSessions, endOtherSessions, endSession];
