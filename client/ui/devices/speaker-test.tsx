import { useState } from "preact/hooks";
import { useServices } from "../context.ts";
import { Button } from "../kit/button.tsx";
import { CHECK } from "../words/devices.ts";

type Step = "start" | "playing" | "asked" | "heard" | "not-heard" | "failed";

/** Plays a soft sound and asks whether it was heard: the page cannot know. */
export function SpeakerTest({ speaker }: { readonly speaker: string | null }) {
  const services = useServices();
  const [step, setStep] = useState<Step>("start");
  const play = () => {
    setStep("playing");
    services.playTestTone(speaker).then(
      () => setStep("asked"),
      () => setStep("failed"),
    );
  };
  return (
    <div class="speaker-test">
      <Button icon="speaker" onPress={play} disabled={step === "playing"}>
        {CHECK.play}
      </Button>
      <div class="speaker-test-answer" role="status">
        {step === "playing" ? <p class="hint">{CHECK.playing}</p> : null}
        {step === "asked" ? <p>{CHECK.heardQuestion}</p> : null}
        {step === "heard" ? <p>{CHECK.heardGood}</p> : null}
        {step === "not-heard" ? <p>{CHECK.notHeardHelp}</p> : null}
        {step === "failed" ? <p>{CHECK.playFailed}</p> : null}
      </div>
      {step === "asked" ? (
        <div class="actions">
          <Button icon="check" onPress={() => setStep("heard")}>
            {CHECK.heard}
          </Button>
          <Button onPress={() => setStep("not-heard")}>{CHECK.notHeard}</Button>
        </div>
      ) : null}
    </div>
  );
}
