/** What staff are told of a refusal that no screen expects in particular. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { accountProblem } from "../../client/effects/account-problem.ts";
import { staffProblem } from "../../client/effects/staff-desk.ts";
import { ApiError } from "../../client/transport/api.ts";

test("a log that cannot be written is told as such on every screen, and what nobody has words for is not", () => {
  for (const problemOf of [accountProblem, staffProblem]) {
    assert.equal(problemOf(new ApiError("LOG-UNAVAILABLE")), "LOG-UNAVAILABLE");
    assert.equal(problemOf(new ApiError("REQUEST-INVALID")), "UNEXPECTED");
    assert.equal(problemOf(new Error("LOG-UNAVAILABLE")), "UNEXPECTED");
  }
});
