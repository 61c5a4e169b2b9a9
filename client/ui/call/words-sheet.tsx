import { useMemo, useState } from "preact/hooks";
import type { CallIntent, CallState } from "../../state/model.ts";
import { Button } from "../kit/button.tsx";
import { Confirm } from "../kit/dialog.tsx";
import { Icon } from "../kit/icon.tsx";
import { groupDigits, verification, WORDS } from "../words/call.ts";
import { drawsEmoji } from "./emoji.ts";
import { SidePanel } from "./sheet.tsx";

interface Props {
  readonly call: CallState;
  readonly send: (intent: CallIntent) => void;
  readonly onClose: () => void;
}

/** The words to read aloud. The words count; the little pictures only help to find the line again. */
export function WordsSheet({ call, send, onClose }: Props) {
  const [differing, setDiffering] = useState(false);
  const pictures = useMemo(() => drawsEmoji(), []);
  const who = call.remoteName;
  return (
    <SidePanel
      title={WORDS.title}
      onClose={onClose}
      foot={<Answer call={call} send={send} onDiffer={() => setDiffering(true)} />}
    >
      <p>{WORDS.lead(who)}</p>
      <ol class={pictures ? "sas" : "sas sas-plain"} aria-label={WORDS.list}>
        {call.words.emoji.map((sign, index) => (
          <li key={index}>
            <span class="sas-number" aria-hidden="true">
              {index + 1}
            </span>
            {pictures ? (
              <span class="sas-picture" aria-hidden="true">
                {sign.symbol}
              </span>
            ) : null}
            <span class="sas-word">{sign.word}</span>
          </li>
        ))}
      </ol>
      <p class="sas-digits">
        <span class="hint">{WORDS.digits}</span>{" "}
        {groupDigits(call.words.digits).map((group) => (
          <span key={group} class="sas-group">
            {group}{" "}
          </span>
        ))}
      </p>
      {differing ? (
        <Confirm
          title={WORDS.differAsk}
          yes={WORDS.differYes}
          no={WORDS.differNo}
          onYes={() => send({ type: "words-differ" })}
          onClose={() => setDiffering(false)}
        >
          <p>{WORDS.differMeans(who)}</p>
        </Confirm>
      ) : null}
    </SidePanel>
  );
}

interface AnswerProps extends Omit<Props, "onClose"> {
  readonly onDiffer: () => void;
}

function Answer({ call, send, onDiffer }: AnswerProps) {
  const state = verification(call);
  const said =
    state === "verified" ? WORDS.verified : call.matchedHere ? WORDS.matched(call.remoteName) : null;
  return (
    <>
      <div role="status">
        {said === null ? null : (
          <p class="sas-said">
            <Icon name="check" />
            {said}
          </p>
        )}
      </div>
      <div class="actions sheet-actions">
        {call.matchedHere ? null : (
          <Button tone="primary" onPress={() => send({ type: "words-match" })}>
            {WORDS.match}
          </Button>
        )}
        <Button onPress={onDiffer}>{WORDS.differ}</Button>
      </div>
    </>
  );
}
