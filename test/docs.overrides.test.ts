import { describe, expect, test } from "vitest";
import { actionNames } from "../src/accounts/actions.js";
import { routes, siteRoutes } from "../src/features/list.js";
import { plain, tablesOf } from "./fixtures/pages.js";

/** docs/overrides.md, held against the actions that there are. */

const table =
  tablesOf("docs/overrides.md").find((rows) => rows.some(([, action]) => plain(action) === "register")) ?? [];
/** The first column of the seeds' table of `controllers:`, and the actions that each of them has in devise_token_auth. */
const controllers: Readonly<Record<string, readonly string[]>> = {
  confirmations: ["show", "create"],
  passwords: ["create", "edit", "update"],
  omniauth_callbacks: ["redirect_callbacks", "omniauth_success", "omniauth_failure"],
  registrations: ["create", "update", "destroy"],
  sessions: ["new", "create", "destroy"],
  token_validations: ["validate_token"],
};

describe("the table of actions", () => {
  test("has every action once, with the methods and the path of its routes", () => {
    expect(table.map(([, action]) => plain(action)).toSorted()).toEqual([...actionNames].toSorted());
    for (const [, action, route = ""] of table) {
      // Further methods stand without a path where it is the same.
      const told = [...route.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text.split(" "));
      const own = told[0]?.[1];
      const known = routes.filter(({ name }) => name === plain(action));
      const site = siteRoutes.find(({ name }) => name === plain(action));
      const found = site ? site.methods : known.map((one) => one.method);
      expect([action, told.map(([method]) => method)]).toEqual([action, [...found]]);
      if (!site)
        expect([action, told.map(([, path = own]) => path)]).toEqual([action, known.map((one) => one.path)]);
    }
  });

  test("has every controller of devise_token_auth with each of its actions", () => {
    const old = table.map(([name = ""]) => plain(name)).join(", ");
    for (const [controller, actions] of Object.entries(controllers)) {
      expect(old).toContain(`${controller}#`);
      for (const action of actions)
        expect(old).toMatch(new RegExp(`(^|, |\\b)${controller}#${action}\\b|, #${action}\\b`));
    }
  });
});
