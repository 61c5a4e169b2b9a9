/**
 * Sign-ins: begun with a passkey, renewed by a cookie that is replaced each time, over when they are signed out, idle,
 * too old, or when one of their cookies turns up in two hands.
 */
import type { Known } from "../http/gate.ts";
import type { RecordAnyway, RecordEvent } from "../record.ts";
import { Refusal } from "../refusal.ts";
import { ACCESS_MS, type Account, type Login, type SignedIn } from "../wire/accounts.ts";
import type { Policy } from "../wire/policy.ts";
import type { AccessTokens } from "./access-tokens.ts";
import { hashSecret, newId, newSecret, type Random } from "./secrets.ts";
import type { AccountRow, AccountStore, LoginRow, NewLogin } from "./store.ts";

export interface LoginsDependencies {
  readonly store: AccountStore;
  readonly tokens: AccessTokens;
  readonly now: () => number;
  readonly random: Random;
  readonly policy: () => Promise<Pick<Policy, "idleMinutes" | "absoluteHours">>;
  /** The relay can hand out TURN credentials. */
  readonly turn: boolean;
  readonly record: RecordEvent;
  readonly recordAnyway: RecordAnyway;
  /** Closes the desks that these sign-ins opened. */
  readonly signedOut: (logins: readonly string[]) => void;
  /** Sign-ins whose desk is in a call, which no limit of time cuts. */
  readonly inCall: () => readonly string[];
}

/** What a sign-in is begun with, and the cookie for the browser. */
export interface Begun {
  readonly row: NewLogin;
  readonly cookie: string;
  readonly cookieHash: Uint8Array;
}

export interface Renewed {
  readonly signedIn: SignedIn;
  readonly cookie: string;
  readonly cookieMs: number;
}

/** Why a sign-in ended, as the audit log says it. */
export type LoginEnding =
  | "signed-out"
  /** By its owner, from whatever browser. */
  | "ended"
  | "idle"
  | "too-old"
  /** A cookie of it was in two hands. */
  | "reused"
  | "started-over"
  /** The passkey that it was begun with was removed. */
  | "passkey-removed"
  /** By an admin, who did this to the person. */
  | "suspended"
  | "reset"
  | "removed";

export interface Logins {
  begin(device: string): Begun;
  /**
   * Puts a sign-in that was just stored on record; what its browser is told. @throws Refusal LOG-UNAVAILABLE, and then it
   * is over
   */
  welcome(begun: Begun, account: AccountRow): Promise<Renewed>;
  /** These sign-ins of the account were removed: their desks close, and that is put on record. */
  over(account: string, logins: readonly string[], reason: LoginEnding): Promise<void>;
  /** @throws Refusal SIGN-IN-REQUIRED */
  renew(cookie: string | null): Promise<Renewed>;
  /** Who shows this access token, as the store has them now. @throws Refusal SIGN-IN-REQUIRED */
  authenticate(token: string | null): Promise<Known>;
  signOut(cookie: string | null): Promise<void>;
  list(account: string, current: string): Promise<Login[]>;
  end(login: string): Promise<void>;
  endAll(account: string): Promise<void>;
  endOthers(account: string, but: string): Promise<void>;
  account(id: string): Promise<Account>;
  prune(): Promise<void>;
}

const COOKIE = /^[A-Za-z0-9_-]{43}$/;

export function createLogins(dependencies: LoginsDependencies): Logins {
  const { store, tokens, now, random, policy, turn, record, recordAnyway, signedOut, inCall } = dependencies;

  async function bounds(): Promise<{ idleMs: number; absoluteMs: number }> {
    const { idleMinutes, absoluteHours } = await policy();
    return { idleMs: idleMinutes * 60_000, absoluteMs: absoluteHours * 3_600_000 };
  }

  async function isOver({ id, created, used }: LoginRow): Promise<boolean> {
    const { idleMs, absoluteMs } = await bounds();
    const time = now();
    return (time >= created + absoluteMs || time >= used + idleMs) && !inCall().includes(id);
  }

  /** @throws Refusal SIGN-IN-REQUIRED */
  async function require(id: string | null): Promise<{ login: LoginRow; account: AccountRow }> {
    const found = id === null ? null : await store.findLogin(id);
    if (found === null || found.account.state !== "active" || (await isOver(found.login)))
      throw new Refusal("SIGN-IN-REQUIRED");
    return found;
  }

  async function known(id: string | null): Promise<Known> {
    const { login, account } = await require(id);
    return { account: account.id, login: login.id, roles: account.roles, touched: login.touched };
  }

  async function renewed(login: NewLogin, account: AccountRow, cookie: string): Promise<Renewed> {
    const { idleMs, absoluteMs: most } = await bounds();
    const absoluteMs = Math.max(0, login.created + most - now());
    // A page that renews in time must not be idle before.
    const accessMs = Math.min(ACCESS_MS, idleMs / 2);
    const access = await tokens.issue(login.id, accessMs);
    const share = Buffer.from(login.share).toString("base64url");
    // A call may outlive the limit, and its page still has to renew.
    const cookieMs = Math.max(absoluteMs, idleMs);
    return {
      signedIn: { account: shown(account), access, accessMs, absoluteMs, idleMs, share },
      cookie,
      cookieMs,
    };
  }

  function shown({ id, name, roles }: AccountRow): Account {
    return { id, name, roles: [...roles], turn };
  }

  /**
   * The end of a sign-in is never held up: it is put on record after it, or as soon as that is possible. A crash in between
   * leaves a sign-in in the log without its end.
   */
  async function recordEnds(account: string, logins: readonly string[], reason: LoginEnding): Promise<void> {
    for (const subject of logins)
      await recordAnyway({
        action: "sign-in.ended",
        outcome: "success",
        account,
        subject,
        details: { reason },
      });
  }

  async function over(account: string, logins: readonly string[], reason: LoginEnding): Promise<void> {
    signedOut(logins);
    await recordEnds(account, logins, reason);
  }

  const loginOf = async (cookie: string | null) =>
    cookie !== null && COOKIE.test(cookie) ? store.findCookie(hashSecret(cookie)) : null;

  return {
    begin(device) {
      const time = now();
      const cookie = newSecret(random);
      const row = { id: newId(random), created: time, used: time, touched: time, device, share: random(32) };
      return { row, cookie, cookieHash: hashSecret(cookie) };
    },
    async welcome({ row, cookie }, account) {
      const { id: subject, device } = row;
      // Nobody holds the cookie yet: a crash before the event leaves a row that lets nobody in.
      try {
        const details = { device };
        await record({
          action: "sign-in.passkey",
          outcome: "success",
          account: account.id,
          subject,
          details,
        });
      } catch (error) {
        await store.removeLogin(subject).catch(() => false);
        throw error;
      }
      return renewed(row, account, cookie);
    },
    over,

    async renew(cookie) {
      const { login, account } = await require((await loginOf(cookie))?.id ?? null);
      const next = newSecret(random);
      // A crash after this line costs an answer, as a lost one does: the cookie shown here is taken once more.
      const outcome = await store.rotate(hashSecret(cookie ?? ""), hashSecret(next), now());
      if (outcome === "reused") await over(login.account, [login.id], "reused");
      if (outcome !== "rotated") throw new Refusal("SIGN-IN-REQUIRED");
      return renewed(login, account, next);
    },

    authenticate: async (token) => known(token === null ? null : await tokens.read(token)),
    async signOut(cookie) {
      const login = await loginOf(cookie);
      if (login !== null && (await store.removeLogin(login.id)))
        await over(login.account, [login.id], "signed-out");
    },

    async list(account, current) {
      const shownLogins: Login[] = [];
      for (const row of await store.listLogins(account))
        if (!(await isOver(row))) {
          const { id, created, used, device } = row;
          shownLogins.push({ id, created, used, device, current: id === current });
        }
      return shownLogins;
    },
    async end(login) {
      const found = await store.findLogin(login);
      if (found === null || !(await store.removeLogin(login))) throw new Refusal("LOGIN-UNKNOWN");
      await over(found.account.id, [login], "ended");
    },
    async endAll(account) {
      await over(account, await store.removeLogins(account), "ended");
    },
    async endOthers(account, but) {
      for (const { id } of await store.listLogins(account))
        if (id !== but && (await store.removeLogin(id))) await over(account, [id], "started-over");
    },
    async account(id) {
      const row = await store.findAccount(id);
      if (row === null) throw new Refusal("SIGN-IN-REQUIRED");
      return shown(row);
    },

    async prune() {
      const { idleMs, absoluteMs } = await bounds();
      const time = now();
      const removed = await store.prune({
        now: time,
        createdBefore: time - absoluteMs,
        usedBefore: time - idleMs,
        except: inCall(),
      });
      for (const { id, account, created } of removed)
        await recordEnds(account, [id], time >= created + absoluteMs ? "too-old" : "idle");
    },
  };
}
