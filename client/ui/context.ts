import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { UiServices } from "./services.ts";

export const ServicesContext = createContext<UiServices | null>(null);

export function useServices(): UiServices {
  const services = useContext(ServicesContext);
  if (services === null) throw new Error("a view was rendered outside of its page");
  return services;
}
