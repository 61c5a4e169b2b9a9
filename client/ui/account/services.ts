import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { StaffServices } from "../services.ts";

export const StaffServicesContext = createContext<StaffServices | null>(null);

export function useStaffServices(): StaffServices {
  const services = useContext(StaffServicesContext);
  if (services === null) throw new Error("a view was rendered outside of the staff's page");
  return services;
}
