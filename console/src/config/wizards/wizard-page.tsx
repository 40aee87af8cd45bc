import { useQueries, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type ReactElement, useId, useState } from "react";
import { parse } from "yaml";
import type { ConfigDetail } from "../../../../src/api/contract/config.ts";
import type { ConfigFacts, FactService } from "../../../../src/api/contract/facts.ts";
import { configDetailQuery } from "../../api/queries.ts";
import { count } from "../../format/quantity.ts";
import { useView } from "../../frame/view.ts";
import { Empty, Failure, Skeleton } from "../../notes/notes.tsx";
import { Desk } from "../edit/desk.tsx";
import { factsQuery } from "../edit/queries.ts";
import { type Fault, judgeForm } from "./checks.ts";
import { yamlOf } from "./edits.ts";
import type { About, Existing, Form, Wizard } from "./form.ts";
import { FormFields } from "./form-fields.tsx";
import { wizards } from "./list.ts";
import "./wizards.css";

const route = getRouteApi("/config/new/$wizard");

/** One form, with the YAML that it writes beside it. */
export function WizardPage(): ReactElement {
  const { wizard: id } = route.useParams();
  const { service: asked, in: where, ...given } = route.useSearch();
  const { namespaces } = useView();
  const { data: facts, error } = useQuery(factsQuery);
  const wizard = wizards.find((w) => w.id === id);
  if (!wizard) return <Empty title="There is no such form">Config leads to those that there are.</Empty>;
  if (!facts) return error ? <Failure error={error} /> : <Skeleton />;
  const namespace =
    where ?? namespaces[0] ?? facts.namespaces.find((n) => n === "default") ?? facts.namespaces[0] ?? "default";
  if (wizard.subject === "namespace")
    return <Filling key={`${id}/${namespace}`} wizard={wizard} about={{ facts, namespace, given, existing: [] }} />;
  const offered = facts.services.filter((s) => namespaces.length === 0 || namespaces.includes(s.namespace));
  const service = facts.services.find((s) => `${s.namespace}/${s.name}` === asked) ?? usual(offered);
  if (!service)
    return (
      <Empty title="No service" command="npx weft up samples/bookinfo">
        This form is for a service, and the mesh knows none in the chosen namespaces.
      </Empty>
    );
  return (
    <OfService key={`${id}/${service.namespace}/${service.name}`} wizard={wizard} facts={facts} service={service} />
  );
}

/** What is likely meant: a service with several versions. */
function usual(services: readonly FactService[]): FactService | undefined {
  return services.find((s) => s.versions.length > 1) ?? services.find((s) => s.kind === "Service") ?? services[0];
}

interface OfServiceProps {
  readonly wizard: Wizard;
  readonly facts: ConfigFacts;
  readonly service: FactService;
}

/** Waits for the rules that the service has: a wizard changes those rather than adding others beside them. */
function OfService({ wizard, facts, service }: OfServiceProps): ReactElement {
  // As they were when the form was opened: what it writes itself must not begin it anew.
  const [rules] = useState(service.rules);
  const details = useQueries({
    queries: rules.map((rule) => configDetailQuery(rule.type, rule.namespace, rule.name)),
  });
  const failed = details.find((d) => d.error)?.error;
  if (failed) return <Failure error={failed} />;
  if (details.some((d) => d.data === undefined)) return <Skeleton />;
  const existing = details.flatMap((d) => (d.data ? [existingOf(d.data)] : []));
  return <Filling wizard={wizard} about={{ facts, namespace: service.namespace, service, existing }} />;
}

function existingOf({ type, apiVersion, namespace, name, yaml, basis }: ConfigDetail): Existing {
  const { spec } = parse(yaml, { version: "1.1" }) as { readonly spec?: Existing["spec"] };
  return { type, apiVersion, namespace, name, yaml, basis, spec: spec ?? {} };
}

function Filling({ wizard, about: now }: { readonly wizard: Wizard; readonly about: About }): ReactElement {
  // As it was when the form was opened: what the form writes is a change of that, also when it is applied twice.
  const [about] = useState(now);
  const [form, setForm] = useState<Form>(() => wizard.start(about));
  const [byHand, setByHand] = useState<string>();
  const [written, setWritten] = useState("");
  const [touched, setTouched] = useState(false);
  const { faults, whole } = judgeForm(wizard, form, about);
  const made = yamlOf(wizard.edits(form, about), about.existing);
  const title = about.service ? (
    <>
      {wizard.title} <span className="quiet">of</span> <span className="mono">{about.service.name}</span>
      <span className="quiet"> in {about.namespace}</span>
    </>
  ) : (
    <>
      {wizard.title} <span className="quiet">in {about.namespace}</span>
    </>
  );
  return (
    <Desk
      title={title}
      label={wizard.title}
      text={byHand ?? made}
      onText={(text) => {
        setByHand(text === made ? undefined : text);
        setTouched(true);
      }}
      start={written}
      isNew
      problems={byHand === undefined ? [...whole, ...(faults.length > 0 ? [missing(faults)] : [])] : []}
      untouched={!touched}
      onWritten={(text) => {
        setWritten(text);
        setTouched(false);
      }}
      // Once it is written, what it says is the form's own.
      bases={written === "" ? about.existing.flatMap(basisIn) : []}
    >
      <form className="wizard-form" aria-label={wizard.title} onSubmit={(event) => event.preventDefault()}>
        <p className="words">{wizard.words}</p>
        <Where about={now} wizard={wizard} />
        <FormFields
          fields={wizard.fields(form, about)}
          form={form}
          faults={touched && byHand === undefined ? new Map(faults.map((f) => [f.at, f.says])) : none}
          onForm={(next) => {
            setForm(next);
            setTouched(true);
            setByHand(undefined);
          }}
        />
        {byHand !== undefined && (
          <p className="quiet">The YAML was changed by hand; what is changed here writes it anew.</p>
        )}
        {byHand === undefined && (
          <div className={touched ? "problems" : "problems quiet"} role="status">
            {whole.map((problem) => (
              <p key={problem}>{problem}</p>
            ))}
            {faults.length > 0 && <p>{missing(faults)}</p>}
          </div>
        )}
      </form>
    </Desk>
  );
}

const none: ReadonlyMap<string, string> = new Map();

function missing(faults: readonly Fault[]): string {
  const wrong = faults.filter(({ says }) => !says.startsWith("Needed")).length;
  const open = faults.length - wrong;
  const parts = [
    ...(open > 0 ? [`${count(open, "field")} to fill in`] : []),
    ...(wrong > 0 ? [`${count(wrong, "field")} to put right`] : []),
  ];
  return `Before it can be applied: ${parts.join(", ")}.`;
}

function basisIn({ type, namespace, name, basis }: Existing): readonly string[] {
  return basis === undefined ? [] : [`${type}/${namespace}/${name}@${basis}`];
}

/** Of which service, or in which namespace: a choice that stands in the address. */
function Where({ about, wizard }: { readonly about: About; readonly wizard: Wizard }): ReactElement {
  const id = useId();
  const navigate = useNavigate();
  const { facts, service, namespace } = about;
  const go = (search: { readonly service?: string; readonly in?: string }) =>
    void navigate({ to: ".", replace: true, search: (before) => ({ ...before, ...search }) });
  if (wizard.subject === "namespace")
    return (
      <div className="field">
        <label htmlFor={id}>Namespace</label>
        <select id={id} value={namespace} onChange={(event) => go({ in: event.target.value })}>
          {[...new Set([...facts.namespaces, namespace])].map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </div>
    );
  const key = (s: FactService) => `${s.namespace}/${s.name}`;
  return (
    <div className="field">
      <label htmlFor={id}>Service</label>
      <select id={id} value={service ? key(service) : ""} onChange={(event) => go({ service: event.target.value })}>
        {facts.services.map((s) => (
          <option key={`${key(s)}/${s.host}`} value={key(s)}>
            {s.name} in {s.namespace}
            {s.versions.length > 1 ? `, ${s.versions.length} versions` : ""}
          </option>
        ))}
      </select>
      {facts.servicesLeft > 0 && (
        <p className="quiet">{facts.servicesLeft} more are not listed: choose a namespace above.</p>
      )}
    </div>
  );
}
