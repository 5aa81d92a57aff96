import { z } from "zod";
import { hashTicket } from "../../accounts/tickets.js";
import type { Call, Reply } from "../call.js";
import type { Route } from "../feature.js";
import { disown, isLinkUsable } from "./disown.js";

const shared = {
  path: "/new_device",
  isLink: true,
  limit: "link",
  isFor: (model) => model.newDeviceNotice,
  access: "anyone",
  input: () => z.object({ device_token: z.string() }),
  output: "redirect",
  errors: [],
} as const satisfies Partial<Route>;

const unusable: Reply = { status: 404, page: "link_unusable" };
const ticketOf = (call: Call): string => hashTicket(call.text("device_token") ?? "");

const followLink: Route = {
  ...shared,
  method: "GET",
  name: "followNewDeviceLink",
  summary: "Ask whether a sign-in was somebody else's: the link of a mail",
  // Mail scanners open links and look at pages. They send no forms.
  async action(call: Call): Promise<Reply> {
    const { services, model } = call;
    if (!(await isLinkUsable(services, model, ticketOf(call)))) return unusable;
    return { status: 200, page: "device_question" };
  },
};

const refuse: Route = {
  ...shared,
  method: "POST",
  name: "disownSignIn",
  summary: "End the sessions of a sign-in that was somebody else's: the form behind that link",
  query: true,
  async action(call: Call): Promise<Reply> {
    const disowned = await disown(call.services, call.model, ticketOf(call));
    if (!disowned) return unusable;
    call.account = disowned.account;
    return { status: 200, page: disowned.isResetMailed ? "device_ended_reset" : "device_ended" };
  },
};

export const newDeviceRoutes: readonly Route[] = [followLink, refuse];
