// An OpenID provider: prints its port, takes one line of JSON with its client, and says "ready".
// Anybody signs in to it under any name; what a name begins with says of which group they are.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import Provider from "oidc-provider";

let answer = (request, response) => response.writeHead(503).end();
const server = createServer((request, response) => answer(request, response));
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));

createInterface({ input: process.stdin }).once("line", (line) => {
  const { redirect, id, secret, method } = JSON.parse(line);
  const provider = new Provider(`http://127.0.0.1:${server.address().port}`, {
    clients: [{
      client_id: id, client_secret: secret, redirect_uris: [redirect], token_endpoint_auth_method: method,
    }],
    cookies: { keys: ["for the tests only"] },
    claims: { openid: ["sub"], profile: ["preferred_username", "groups"], email: ["email", "email_verified"] },
    pkce: { required: () => true },
    findAccount: (context, sub) => ({
      accountId: sub,
      claims: () => ({
        sub: `subject-of-${sub}`, preferred_username: sub, groups: ["staff", sub.split("-")[0]], email: `${sub}@wire.example`,
        email_verified: true,
      }),
    }),
  });
  answer = provider.callback();
  console.log("ready");
});
process.stdin.on("end", () => process.exit(0));
