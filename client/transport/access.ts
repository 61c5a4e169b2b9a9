/**
 * Who this page is to the relay (relay/wire/accounts.ts). The access token lives in this page's memory, for minutes; the
 * cookie, which no script can read, renews it and is itself replaced with every renewal. Two tabs have one cookie: they
 * renew in turn, each with what the one before it got, since a cookie that was replaced already ends the sign-in.
 */
import type { SignedIn } from "../../relay/wire/accounts.ts";
import { ApiError, type ApiOptions, type Ask, createAsk, createDownload, type Download } from "./api.ts";
import { type DoorApi, doorApi } from "./api-accounts.ts";

export interface AccessOptions extends ApiOptions {
  /** Runs alone of all tabs of this browser: everything that sets the cookie. */
  readonly alone: Alone;
  /** Shows the relay that she is there (a passkey, touched), for what is `fresh`. @param ask with the access token */
  readonly touch: (ask: Ask) => Promise<void>;
  /** The relay has said again who she is, and for how long. Not called from inside `enter`. */
  readonly onRenewed: (signedIn: SignedIn) => void;
  /** This sign-in is over at the relay, or somebody else's by now. Once, until `enter`. */
  readonly onEnded: () => void;
}

export type Alone = <T>(work: () => Promise<T>) => Promise<T>;

export interface Access {
  /** As who is signed in. Renews, and has the passkey touched, where the relay asks for it: each once, then again. */
  readonly ask: Ask;
  /** The same for what is no JSON. */
  readonly download: Download;
  /** As a stranger; nothing of it that sets the cookie. */
  readonly door: Pick<DoorApi, "enrolBegin" | "signInBegin">;
  /** A sign-in or an enrolment. @param how its last request, which sets the cookie */
  enter(how: (door: DoorApi) => Promise<SignedIn>): Promise<SignedIn>;
  /** With the cookie alone, as after a reload. `null` when nobody is signed in. */
  resume(): Promise<SignedIn | null>;
  /** Before the token runs out by itself. Never rejects. */
  renew(): Promise<void>;
  /** Ends the sign-in at the relay. This page has forgotten its token in any case. */
  leave(): Promise<void>;
  /** The token alone: at the relay it is over already. */
  forget(): void;
}

/** Tokens are renewed so long before they run out: a request takes its time. */
const MARGIN_MS = 15_000;

interface Token {
  readonly account: string;
  readonly text: string;
  /** On the clock's `now`. */
  readonly until: number;
}

export function createAccess(options: AccessOptions): Access {
  const { clock, alone } = options;
  const door = doorApi(createAsk(options));
  let token: Token | null = null;
  let renewal: Promise<Token> | null = null;
  let touching: Promise<void> | null = null;

  function take({ account, access, accessMs }: SignedIn): Token {
    token = { account: account.id, text: access, until: clock.now() + accessMs - MARGIN_MS };
    return token;
  }

  function ended(): ApiError {
    if (token !== null) {
      token = null;
      options.onEnded();
    }
    return new ApiError("SIGN-IN-REQUIRED");
  }

  async function renewed(): Promise<Token> {
    const before = token;
    if (before === null) throw new ApiError("SIGN-IN-REQUIRED");
    const signedIn = await alone(() => door.refresh()).catch((error: unknown) => {
      throw isSignedOut(error) && token === before ? ended() : error;
    });
    // Signed out here meanwhile, or in again.
    if (token !== before) throw new ApiError("SIGN-IN-REQUIRED");
    // Another tab has signed somebody else in: what this page holds open is not theirs.
    if (signedIn.account.id !== before.account) throw ended();
    const next = take(signedIn);
    options.onRenewed(signedIn);
    return next;
  }

  /** One for all who ask meanwhile. */
  function renewOnce(): Promise<Token> {
    renewal ??= renewed().finally(() => {
      renewal = null;
    });
    return renewal;
  }

  /** One passkey is touched at a time, also for two actions at once. */
  function touchOnce(): Promise<void> {
    touching ??= options.touch(asking(false)).finally(() => {
      touching = null;
    });
    return touching;
  }

  async function trying<T>(mayTouch: boolean, once: (bearer: string) => Promise<T>): Promise<T> {
    let touches = mayTouch ? 1 : 0;
    for (let renewals = 2; ; ) {
      const used = token !== null && clock.now() < token.until ? token : await renewOnce();
      try {
        return await once(used.text);
      } catch (error) {
        if (isSignedOut(error)) {
          // A relay that was started anew takes no token of before, and may have been again since the last: that alone does
          // not end a sign-in, only a cookie that renews nothing does.
          if (renewals-- === 0) throw new ApiError("OFFLINE");
          // Somebody else may have renewed it while this one was under way.
          if (token === used) await renewOnce();
        } else if (needsTouch(error) && touches-- > 0) await touchOnce();
        else throw error;
      }
    }
  }

  const asking =
    (mayTouch: boolean): Ask =>
    (method, path, answer, body) =>
      trying(mayTouch, (bearer) => createAsk(options, bearer)(method, path, answer, body));

  return {
    ask: asking(true),
    download: (path, signal) => trying(true, (bearer) => createDownload(options, bearer)(path, signal)),
    door,
    async enter(how) {
      const signedIn = await alone(() => how(door));
      take(signedIn);
      return signedIn;
    },
    async resume() {
      try {
        const signedIn = await alone(() => door.refresh());
        take(signedIn);
        return signedIn;
      } catch (error) {
        if (isSignedOut(error)) return null;
        throw error;
      }
    },
    async renew() {
      // What matters of a failure was told through `onEnded`; anything else the next request meets again.
      await renewOnce().catch(() => undefined);
    },
    async leave() {
      token = null;
      await alone(() => door.signOut());
    },
    forget() {
      token = null;
    },
  };
}

export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.code === "SIGN-IN-REQUIRED";
}

function needsTouch(error: unknown): boolean {
  return error instanceof ApiError && error.code === "TOUCH-REQUIRED";
}

/** Over all tabs of this browser. A page that is frozen in the background gives the lock back when it is discarded. */
export const aloneInBrowser: Alone = (work) => navigator.locks.request("quietroom-sign-in", work);
