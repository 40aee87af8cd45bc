import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactElement, useId, useState } from "react";
import type { Login } from "../../../src/api/contract/session.ts";
import { post } from "../api/client.ts";
import { own } from "../links/own.ts";
import { CopyCli } from "../table/copy-cli.tsx";
import "./who.css";

/** Ways to log in: links to providers, and a field for a token. */
export function LoginWays({ logins }: { readonly logins: readonly Login[] }): ReactElement {
  const here = location.pathname.slice(new URL(document.baseURI).pathname.length - 1) + location.search;
  return (
    <div className="login-ways">
      {logins.map((login) =>
        login.kind === "oidc" ? (
          <p key={login.label}>
            <a className="login-button" href={own(`${login.href ?? ""}?next=${encodeURIComponent(here)}`)}>
              {login.label}
            </a>
            <span className="quiet">{login.hint}</span>
          </p>
        ) : (
          <TokenForm key={login.label} login={login} />
        ),
      )}
    </div>
  );
}

function TokenForm({ login }: { readonly login: Login }): ReactElement {
  const id = useId();
  const client = useQueryClient();
  const [token, setToken] = useState("");
  const [failure, setFailure] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setFailure(undefined);
    post("login", JSON.stringify({ token }), { contentType: "application/json" })
      .then(() => client.resetQueries())
      .catch((error: Error) => setFailure(error.message));
  };
  return (
    <form onSubmit={submit}>
      <label htmlFor={id}>{login.label}</label>
      <div className="token-row">
        <input
          id={id}
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={token}
          onChange={(event) => setToken(event.target.value)}
          aria-describedby={`${id}-hint`}
          aria-invalid={failure !== undefined}
        />
        <button type="submit" className="login-button" disabled={token.trim() === ""}>
          Log in
        </button>
      </div>
      <p id={`${id}-hint`} className="quiet">
        {login.hint}
      </p>
      {failure && (
        <p className="login-failure" role="alert">
          {failure}
        </p>
      )}
    </form>
  );
}

/** Stands in place of every page while nobody has logged in who may see anything. */
export function LoginPage({ logins }: { readonly logins: readonly Login[] }): ReactElement {
  return (
    <main className="login-page">
      <div className="login-card">
        <h1>Log in</h1>
        <p className="quiet">This control plane tells of its mesh to those alone whom it knows.</p>
        <LoginWays logins={logins} />
        <p className="quiet">Who started this mesh opens the console logged in:</p>
        <div className="command">
          <code>npx weft dashboard</code>
          <CopyCli command="npx weft dashboard" label="Copy" />
        </div>
      </div>
    </main>
  );
}
