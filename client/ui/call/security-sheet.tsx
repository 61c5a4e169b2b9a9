import type { CallState } from "../../state/model.ts";
import type { RelayState } from "../../transport/types.ts";
import { Button } from "../kit/button.tsx";
import { useNow } from "../kit/clock.ts";
import { Icon, type IconName } from "../kit/icon.tsx";
import { Message } from "../kit/notice.tsx";
import {
  FRAMES_REFUSED,
  keyAge,
  pathDetail,
  pathWords,
  SECURITY,
  SHOW_WORDS,
  suiteWords,
  verification,
  verifiedWords,
} from "../words/call.ts";
import { SidePanel } from "./sheet.tsx";

interface Props {
  readonly call: CallState;
  readonly relay: RelayState;
  readonly onClose: () => void;
  readonly onWords: () => void;
}

/** Plain words first; what an expert wants to know one level deeper. */
export function SecuritySheet({ call, relay, onClose, onWords }: Props) {
  const who = call.remoteName;
  const state = verification(call);
  const path = pathWords(call.security.path);
  const verified = verifiedWords(state, who);
  return (
    <SidePanel title={SECURITY.title} onClose={onClose}>
      {call.framesRefused ? <Message notice={FRAMES_REFUSED} live={false} /> : null}
      <ul class="assurances">
        <Assurance icon="lock" title={SECURITY.encrypted} text={SECURITY.encryptedText(who)} />
        <Assurance icon="route" title={path.title} text={path.text} />
        <Assurance icon="shield" title={verified.title} text={verified.text} />
      </ul>
      {state === "verified" ? null : (
        <Button icon="words" onPress={onWords}>
          {SHOW_WORDS}
        </Button>
      )}
      <details class="details">
        <summary>{SECURITY.details}</summary>
        <Details call={call} relay={relay} />
      </details>
    </SidePanel>
  );
}

function Assurance({
  icon,
  title,
  text,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
}) {
  return (
    <li>
      <Icon name={icon} />
      <div>
        <h3>{title}</h3>
        <p>{text}</p>
      </div>
    </li>
  );
}

function Details({ call, relay }: Pick<Props, "call" | "relay">) {
  const now = useNow(10_000);
  const { security } = call;
  const suite = suiteWords(security.suite);
  const facts = [
    [SECURITY.path, pathDetail(security.path)],
    [SECURITY.frames, suite.frames],
    [SECURITY.keys, suite.keys],
    [SECURITY.epoch, SECURITY.epochText(security.epoch, relay === "online")],
    [SECURITY.age, keyAge(security.keysSince, now)],
    [SECURITY.video, security.videoCodec ?? SECURITY.unknown],
    [SECURITY.transport, security.dtls ?? SECURITY.unknown],
  ] as const;
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
}
