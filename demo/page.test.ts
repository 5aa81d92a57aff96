import { afterEach, describe, expect, test } from "vitest";
import { createRecorder, type Recorder } from "./page/recorder.js";
import { layOut } from "./page/rows.js";
import { createTokenBook, describeToken } from "./page/tokens.js";
import { createTraffic, describeEntry, type Entry, type NewEntry, type Traffic } from "./page/traffic.js";
import { startSite } from "./site-fixture.js";

const one = describeToken("aaaaaaaaaaaaaaaaabcdefgh", 1);
const two = describeToken("aaaaaaaaaaaaaaaaaijklmno", 2);

const answered = {
  kind: "answered",
  actor: "user",
  session: "c1",
  method: "GET",
  path: "/",
  status: 200,
  at: 0,
} as const;

function numbered(entries: readonly NewEntry[]): readonly Entry[] {
  const traffic = createTraffic();
  for (const entry of entries) traffic.record(entry);
  return traffic.entries();
}

describe("the page's tokens", () => {
  test("neighbours differ in number, colour and teeth, and never show more than their end", () => {
    expect(one.hue).not.toBe(two.hue);
    expect(one.cuts).not.toEqual(two.cuts);
    expect(one.short).toBe("…defgh");
  });

  test("two sessions side by side begin with different colours, and count for themselves", () => {
    const book = createTokenBook();
    const first = book.describe("c1", "aaaaaaaa");
    const other = book.describe("c2", "bbbbbbbb");

    expect(book.describe("c1", "aaaaaaaa")).toBe(first);
    expect([first.number, other.number]).toEqual([1, 1]);
    expect(other.hue).not.toBe(first.hue);
  });

  test("a session remembers the token that was replaced some steps ago", () => {
    const book = createTokenBook();
    for (const token of ["first", "second", "third"]) book.describe("c1", token);

    expect(book.replaced("c1", 2)).toBe("first");
    expect(book.replaced("c1", 3)).toBeUndefined();
    expect(book.newest("c1")?.number).toBe(3);
  });
});

describe("the rows of the diagram", () => {
  const sent = { ...answered, kind: "sent", token: one } as const;
  const fresh = { ...answered, token: two, fresh: true, windowEnds: 5000 };

  test("requests alike share a row, and so do their responses, the first of which opens the window", () => {
    const rows = layOut(numbered([sent, sent, sent, fresh, { ...answered, token: two, took: 7 }]), ["user"]);

    expect(rows.map(({ entry, count, opens }) => [entry.kind, count, opens])).toEqual([
      ["sent", 3, false],
      ["answered", 2, true],
    ]);
    expect(rows.map(({ lanes }) => lanes[0]?.held)).toEqual([one.hue, two.hue]);
    expect(rows[1]?.slowest).toBe(7);
  });

  test("a request that leaves seconds after one like it has a row of its own", () => {
    const rows = layOut(numbered([sent, { ...sent, at: 900 }, { ...sent, at: 4000 }]), ["user"]);

    expect(rows.map(({ count }) => count)).toEqual([2, 1]);
  });

  test("a window tints its session's lanes until it is over", () => {
    const entries = numbered([
      { ...sent, actor: "thief" },
      fresh,
      { ...sent, actor: "thief", at: 4000 },
      { ...sent, at: 5000 },
    ]);
    const bands = layOut(entries, ["user", "thief"]).map(({ lanes }) => lanes.map(({ band }) => band?.ends));

    expect(bands).toEqual([
      [undefined, undefined],
      [5000, 5000],
      [5000, 5000],
      [undefined, undefined],
    ]);
  });

  test("a lost response opens the window on the server and changes nothing at the client", () => {
    const [, row] = layOut(numbered([sent, { ...fresh, kind: "lost", fresh: false }]), ["user"]);

    expect(row).toMatchObject({ opens: true, lanes: [{ held: one.hue }] });
  });

  test("an actor that has no lane has no row", () => {
    expect(layOut(numbered([sent]), ["thief"])).toEqual([]);
  });

  test("the table says of each entry what its arrow shows", () => {
    const entry = { ...answered, id: 1, token: undefined };

    expect(describeEntry({ ...entry, token: two, fresh: true })).toBe(
      "Server responds 200 with a new one, token 2",
    );
    expect(describeEntry({ ...entry, status: 401, text: "replaced long ago" })).toBe(
      "Server refuses: 401, replaced long ago",
    );
    expect(describeEntry({ ...entry, kind: "lost", token: two })).toBe(
      "The response 200 with token 2 is lost on the way",
    );
  });
});

describe("the page's recorder, over the real server", () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function signedIn(window = 60_000) {
    const { app, auth } = await startSite({ batchRequestBufferThrottle: window });
    closing.push(() => auth.close());
    const traffic = createTraffic();
    const shared = {
      windows: new Map<string, number>(),
      opened: new Set<typeof one>(),
      book: createTokenBook(),
    };
    const apiUrl = "http://localhost:3000";
    const recorder = createRecorder({
      ...shared,
      apiUrl,
      traffic,
      window,
      actor: "user",
      headerNames: {},
      send: async (request) => app.fetch(request),
    });
    const response = await recorder.fetch(
      new Request(`${apiUrl}/auth`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          email: "ada@example.com",
          password: "violet kettle 47 marsh",
          confirm_success_url: "http://localhost:3000/",
        }),
      }),
    );
    const headers = Object.fromEntries(
      ["access-token", "client", "uid"].map((name) => [name, response.headers.get(name) ?? ""]),
    );
    const ask = () => recorder.fetch(new Request(`${apiUrl}/demo/members_only?ms=0`, { headers }));
    return { recorder, traffic, ask };
  }

  test("writes down both ways of a request, without its query, and holds the token that came", async () => {
    const { recorder, traffic, ask } = await signedIn();
    await ask();

    expect(shortened(traffic)).toEqual([
      ["sent", "POST", "/auth", undefined],
      ["answered", "POST", "/auth", 1],
      ["sent", "GET", "/demo/members_only", 1],
      ["answered", "GET", "/demo/members_only", 1],
    ]);
    expect(recorder.held()?.number).toBe(1);
    expect(recorder.windowLeft()).toBeGreaterThan(50_000);
  });

  test("a response that is lost fails as a bad network does, and its token is known but not held", async () => {
    const { recorder, traffic, ask } = await signedIn(0);
    recorder.loseNext();
    await expect(ask()).rejects.toThrow(TypeError);

    expect(shortened(traffic).at(-1)).toEqual(["lost", "GET", "/demo/members_only", 2]);
    expect(numbersOf(recorder)).toEqual([1, 2]);
  });

  test("a connection that breaks for good loses the response, however late it is, and nothing goes out any more", async () => {
    const { recorder, traffic, ask } = await signedIn(0);
    recorder.loseNext({ forGood: true });
    await expect(ask()).rejects.toThrow("lost");
    await expect(ask()).rejects.toThrow("Offline");
    expect(shortened(traffic).at(-1)).toEqual(["lost", "GET", "/demo/members_only", 2]);
    recorder.setOnline(true);
    await ask();
    expect(shortened(traffic).at(-1)).toEqual(expect.arrayContaining(["answered", "/demo/members_only"]));
  });

  test("a session that ended is not brought back by what is still under way", async () => {
    const { recorder, ask } = await signedIn();
    recorder.forget();
    await ask();

    expect(recorder.held()).toBeUndefined();
  });

  test("a token out of the storage is held before the first request", async () => {
    const { recorder } = await signedIn();
    recorder.forget();
    recorder.find({ "access-token": "from-the-storage", client: "c9", uid: "ada@example.com" });

    expect(recorder.held()?.number).toBe(1);
  });

  test("nothing goes out while it is offline", async () => {
    const { recorder, traffic, ask } = await signedIn();
    const before = traffic.entries().length;
    recorder.setOnline(false);
    await expect(ask()).rejects.toThrow("Offline");

    expect(traffic.entries()).toHaveLength(before);
  });

  function shortened(traffic: Traffic): unknown[] {
    return traffic.entries().map(({ kind, method, path, token }) => [kind, method, path, token?.number]);
  }

  function numbersOf(recorder: Recorder): unknown[] {
    return [recorder.held()?.number, recorder.replacedBy()?.number];
  }
});
