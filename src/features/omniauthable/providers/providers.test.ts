import { describe, expect, test } from "vitest";
import { nobody } from "../../../../test/fixtures/oauth.js";
import { amazon } from "./amazon.js";
import { apple } from "./apple.js";
import { bitbucket } from "./bitbucket.js";
import { developer } from "./developer.js";
import { discord } from "./discord.js";
import { dropbox } from "./dropbox.js";
import { facebook } from "./facebook.js";
import { github } from "./github.js";
import { gitlab } from "./gitlab.js";
import { google } from "./google.js";
import { kakao } from "./kakao.js";
import { line } from "./line.js";
import { linkedin } from "./linkedin.js";
import { microsoft } from "./microsoft.js";
import { oidc } from "./oidc.js";
import type { Profile, ProfileSource, Provider } from "./provider.js";
import { slack } from "./slack.js";
import { spotify } from "./spotify.js";
import { twitch } from "./twitch.js";
import { x } from "./x.js";
import { yahoo } from "./yahoo.js";

/** Profiles in the shapes that the providers document, and what becomes of them. */

const email = "ada@example.com";
const image = "https://cdn.example.com/ada.png";
const tid = "11111111-2222-3333-4444-555555555555";

const cases: readonly (readonly [Provider, Partial<ProfileSource>, Partial<Profile>])[] = [
  [
    google(),
    {
      claims: {
        sub: "108",
        email,
        email_verified: true,
        name: "Ada Lovelace",
        picture: image,
        hd: "example.com",
      },
    },
    { subject: "108", email, emailVerified: true, name: "Ada Lovelace", image },
  ],
  [
    github(),
    {
      responses: {
        user: { id: 583231, login: "ada", name: null, email: "public@example.com", avatar_url: image },
        emails: [
          { email: "other@example.com", primary: false, verified: true },
          { email, primary: true, verified: true },
        ],
      },
    },
    { subject: "583231", email, emailVerified: true, name: "ada", nickname: "ada", image },
  ],
  [
    apple({ clientSecret: "x" }),
    {
      claims: {
        sub: "001.abc",
        email: "r@privaterelay.appleid.com",
        email_verified: "true",
        is_private_email: "true",
      },
      callback: { user: '{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"eve@example.com"}' },
    },
    { subject: "001.abc", email: "r@privaterelay.appleid.com", emailVerified: true, name: "Ada Lovelace" },
  ],
  [
    microsoft(),
    { claims: { sub: "pairwise", tid, oid: "object", email, xms_edov: true, name: "Ada Lovelace" } },
    { subject: `${tid}.object`, email, emailVerified: true, name: "Ada Lovelace" },
  ],
  [
    facebook(),
    { responses: { me: { id: "10223", name: "Ada", email, picture: { data: { url: image } } } } },
    { subject: "10223", email, name: "Ada", image },
  ],
  [
    gitlab(),
    {
      responses: {
        user: {
          id: 12,
          username: "ada",
          name: "Ada",
          email,
          confirmed_at: "2012-05-23T08:00:58Z",
          avatar_url: image,
        },
      },
    },
    { subject: "12", email, emailVerified: true, name: "Ada", nickname: "ada", image },
  ],
  [
    discord(),
    {
      responses: {
        me: {
          id: "80351110224678912",
          username: "ada",
          global_name: "Ada",
          email,
          verified: true,
          avatar: "8342",
        },
      },
    },
    {
      subject: "80351110224678912",
      email,
      emailVerified: true,
      name: "Ada",
      nickname: "ada",
      image: "https://cdn.discordapp.com/avatars/80351110224678912/8342.png",
    },
  ],
  [
    slack(),
    {
      claims: {
        sub: "U0R7JM",
        "https://slack.com/user_id": "U0R7JM",
        "https://slack.com/team_id": "T0R7GR",
        email,
        email_verified: true,
        name: "Ada",
        picture: image,
      },
    },
    { subject: "T0R7GR.U0R7JM", email, emailVerified: true, name: "Ada", image },
  ],
  [
    linkedin(),
    {
      claims: { sub: "782bbtaQ" },
      responses: { userinfo: { sub: "782bbtaQ", name: "Ada", email, email_verified: true, picture: image } },
    },
    { subject: "782bbtaQ", email, emailVerified: true, name: "Ada", image },
  ],
  [
    x(),
    {
      responses: {
        me: {
          data: {
            id: "2244994945",
            name: "Ada",
            username: "ada",
            confirmed_email: email,
            profile_image_url: image,
          },
        },
      },
    },
    { subject: "2244994945", email, emailVerified: true, name: "Ada", nickname: "ada", image },
  ],
  [
    twitch(),
    { claims: { sub: "713936733", email, email_verified: true, preferred_username: "ada", picture: image } },
    { subject: "713936733", email, emailVerified: true, name: "ada", nickname: "ada", image },
  ],
  [
    spotify(),
    { responses: { me: { id: "ada_l", display_name: null, email, images: [{ url: image }] } } },
    { subject: "ada_l", email, image },
  ],
  [
    dropbox(),
    {
      responses: {
        account: {
          account_id: "dbid:AAH4",
          name: { display_name: "Ada" },
          email,
          email_verified: true,
          profile_photo_url: image,
        },
      },
    },
    { subject: "dbid:AAH4", email, emailVerified: true, name: "Ada", image },
  ],
  [
    bitbucket(),
    {
      responses: {
        user: {
          uuid: "{4e3f}",
          account_id: "5570",
          display_name: "Ada",
          nickname: "ada",
          links: { avatar: { href: image } },
        },
        emails: {
          values: [
            { email: "o@example.com", is_primary: false, is_confirmed: true },
            { email, is_primary: true, is_confirmed: true },
          ],
        },
      },
    },
    { subject: "{4e3f}", email, emailVerified: true, name: "Ada", nickname: "ada", image },
  ],
  [
    amazon(),
    { responses: { profile: { user_id: "amzn1.account.K2LI", email, name: "Ada" } } },
    { subject: "amzn1.account.K2LI", email, name: "Ada" },
  ],
  [
    yahoo(),
    {
      claims: { sub: "FSVIDUW3D7FSVIDUW3D7" },
      responses: {
        userinfo: {
          sub: "FSVIDUW3D7FSVIDUW3D7",
          given_name: "Ada",
          family_name: "Lovelace",
          email,
          email_verified: true,
          picture: image,
        },
      },
    },
    { subject: "FSVIDUW3D7FSVIDUW3D7", email, emailVerified: true, name: "Ada Lovelace", image },
  ],
  [
    line(),
    { claims: { sub: "U1234", name: "Ada", picture: image, email, email_verified: true } },
    { subject: "U1234", email, emailVerified: false, name: "Ada", image },
  ],
  [
    kakao(),
    {
      responses: {
        me: {
          id: 123456789,
          kakao_account: {
            email,
            is_email_valid: true,
            is_email_verified: true,
            profile: { nickname: "Ada", profile_image_url: image },
          },
        },
      },
    },
    { subject: "123456789", email, emailVerified: true, name: "Ada", nickname: "Ada", image },
  ],
  [
    oidc({ issuer: "https://id.example.com" }),
    {
      claims: { sub: "1" },
      responses: { userinfo: { sub: "2", email, email_verified: true, preferred_username: "ada" } },
    },
    { subject: "1", email, emailVerified: true, nickname: "ada" },
  ],
  [
    developer(),
    { callback: { name: "Ada", email: " Ada@Example.com " } },
    { subject: "ada@example.com", email: " Ada@Example.com ", emailVerified: true, name: "Ada" },
  ],
];

const profileOf = (provider: Provider, source: Partial<ProfileSource>): Profile =>
  provider.profile({ claims: {}, responses: {}, callback: {}, ...source });

describe.each(
  cases.map(([provider, source, profile]) => ({ provider, source, profile, label: provider.label })),
)("$label", ({ provider, source, profile }) => {
  test("a profile of the documented shape", () => {
    expect(profileOf(provider, source)).toEqual({ ...nobody, ...profile });
  });

  test("an empty profile is nobody, and an address without proof is not verified (cases 22, 24)", () => {
    const { subject } = profileOf(provider, {});
    // The app's own reader of `oauth2` above makes a text of whatever there is.
    if (provider.label !== "Example") expect(subject).toBeNull();
    const bare = profileOf(provider, { claims: { sub: "1", email } });
    if (!provider.developmentOnly) expect(bare.emailVerified).toBe(false);
  });

  test("its data are whole: https, an issuer that it accepts, a reason where PKCE is left out (case 18)", () => {
    const { endpoints, profileRequests, acceptedIssuers, issuer, isIssuer, idToken, algorithms } = provider;
    const urls = [...Object.values(endpoints ?? {}), ...profileRequests.map(({ url }) => url)];
    expect(urls.filter((url) => !url.startsWith("https://"))).toEqual([]);
    if (!isIssuer && !provider.developmentOnly) expect(acceptedIssuers).toContain(issuer);
    expect(algorithms.length > 0).toBe(idToken !== "none");
    expect(algorithms).not.toContain("none");
    if (endpoints && idToken !== "none") expect(endpoints.keys).toBeDefined();
  });
});
