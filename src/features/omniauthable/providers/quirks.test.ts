import { describe, expect, test } from "vitest";
import { nobody } from "../../../../test/fixtures/oauth.js";
import type { Profile, ProfileSource, Provider } from "./provider.js";
import {
  apple,
  bitbucket,
  discord,
  dropbox,
  facebook,
  github,
  gitlab,
  google,
  kakao,
  linkedin,
  microsoft,
  oauth2,
  slack,
  spotify,
  twitch,
  x,
} from "./providers.js";

const email = "ada@example.com";
const tid = "11111111-2222-3333-4444-555555555555";
const profileOf = (provider: Provider, source: Partial<ProfileSource>): Profile =>
  provider.profile({ claims: {}, responses: {}, callback: {}, ...source });

describe("what is verified, provider by provider (case 22)", () => {
  test.each<[Provider, Partial<ProfileSource>]>([
    [google(), { claims: { sub: "1", email, email_verified: "true" } }],
    [
      github(),
      { responses: { user: { id: 1, email }, emails: [{ email, primary: true, verified: false }] } },
    ],
    [github(), { responses: { user: { id: 1, email } } }],
    [microsoft(), { claims: { tid, oid: "1", email } }],
    [microsoft(), { claims: { tid, oid: "1", email, verified_primary_email: ["other@example.com"] } }],
    [facebook(), { responses: { me: { id: "1", email } } }],
    [gitlab(), { responses: { user: { id: 1, email, confirmed_at: null } } }],
    [discord(), { responses: { me: { id: "1", email, verified: false } } }],
    [
      kakao(),
      {
        responses: {
          me: { id: 1, kakao_account: { email, is_email_verified: true, is_email_valid: false } },
        },
      },
    ],
    [bitbucket(), { responses: { emails: { values: [{ email, is_primary: true, is_confirmed: false }] } } }],
    [spotify(), { responses: { me: { id: "1", email } } }],
    [dropbox(), { responses: { account: { account_id: "1", email } } }],
  ])("%s", (provider, source) => {
    expect(profileOf(provider, source).emailVerified).toBe(false);
  });

  test("Microsoft's verified_primary_email counts, and so does xms_edov in each of its spellings", () => {
    for (const proof of [{ verified_primary_email: [email] }, { xms_edov: "1" }, { xms_edov: true }])
      expect(profileOf(microsoft(), { claims: { tid, oid: "1", email, ...proof } }).emailVerified).toBe(true);
  });
});

describe("quirks", () => {
  test("responses that are against the standard are made to conform (case 15)", () => {
    expect(linkedin().conform?.({ access_token: "a" })).toEqual({ token_type: "Bearer", access_token: "a" });
    expect(twitch().conform?.({ access_token: "a", scope: ["openid", "b"] })).toEqual({
      access_token: "a",
      scope: "openid b",
    });
    expect(slack().conform?.({ ok: false, error: "invalid_code" })).toEqual({ error: "invalid_code" });
    expect(slack().conform?.({ ok: true, access_token: "a" })).toMatchObject({ access_token: "a" });
    for (const strict of [google(), github(), discord(), x()]) expect(strict.conform).toBeUndefined();
  });

  test("a broken name costs the name and not the sign-in (case 26)", () => {
    for (const user of ["{", "null", "[]", '{"name":5}', '{"name":{"firstName":7}}'])
      expect(profileOf(apple({ clientSecret: "x" }), { claims: { sub: "1" }, callback: { user } })).toEqual({
        ...nobody,
        subject: "1",
      });
  });

  test("pictures that are no web addresses, or too long, are dropped", () => {
    for (const picture of [
      "data:image/png;base64,AAAA",
      "http://x.example/a.png",
      `https://x.example/${"a".repeat(2048)}`,
    ])
      expect(profileOf(google(), { claims: { sub: "1", picture } }).image).toBeNull();
  });

  test("scopes can be replaced, and more parameters be sent (case 25)", () => {
    expect(kakao({ scopes: ["profile_nickname"] }).scopes).toEqual(["profile_nickname"]);
    expect(google({ authorizationParams: { prompt: "select_account" } }).authorizationParams).toEqual({
      prompt: "select_account",
    });
    expect(google({ keepTokens: true }).authorizationParams).toEqual({
      access_type: "offline",
      prompt: "consent",
    });
    expect(x({ keepTokens: true }).scopes).toContain("offline.access");
  });
});

test("any other provider has the profile that the app reads, and nothing else", () => {
  const own = oauth2({
    label: "Example",
    issuer: "https://example.com",
    authorizationEndpoint: "https://example.com/a",
    tokenEndpoint: "https://example.com/t",
    profileEndpoint: "https://example.com/p",
    profile: ({ id, mail }) => ({ subject: String(id), email: String(mail) }),
  });
  expect(profileOf(own, { responses: { profile: { id: 7, mail: email } } })).toEqual({
    ...nobody,
    subject: "7",
    email,
  });
});
