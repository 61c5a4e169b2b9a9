/**
 * One desk at a time in one browser. Two tabs share the vault, and so the stored sessions: if both went on with them,
 * one would send what the other had already sent. The newest tab wins, as at the relay; it waits until the older has
 * let go, so that it reads what that one stored last.
 */

/** Gives the desk back. */
export type Release = () => void;

/** Resolves when this page has the desk. @param taken another page wants it: stop, store, release */
export type ClaimDesk = (taken: () => void) => Promise<Release>;

const NAME = "quietroom-desk";
/** A page that is frozen in the background does not let go by itself. */
const PATIENCE_MS = 3_000;

export const claimDesk: ClaimDesk = async (taken) => {
  const calls = new BroadcastChannel(NAME);
  calls.postMessage("take-over");
  const done = Promise.withResolvers<void>();
  const granted = Promise.withResolvers<void>();
  let holding = false;
  const request = (options: LockOptions) =>
    navigator.locks.request(NAME, options, () => {
      holding = true;
      granted.resolve();
      return done.promise;
    });
  request({ signal: AbortSignal.timeout(PATIENCE_MS) })
    // Not granted in time: take it. Granted and then rejected: it was taken from us.
    .catch((error: unknown) => (holding ? Promise.reject(error) : request({ steal: true })))
    .catch(taken);
  await granted.promise;
  calls.onmessage = taken;
  return () => {
    calls.close();
    done.resolve();
  };
};
