// A standard OpenID Connect provider (npm `oidc-provider`) in the place of the province's identity service, in a process of its own: whoever
// types a name there is who it means, in one group, and known well.
//
//   node upper.mjs PORT REDIRECT

import Provider from "oidc-provider";

const [port, redirect] = process.argv.slice(2);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "tongyuan", client_secret: "shengji-pingtai-de-miyao", redirect_uris: [redirect] }],
  claims: { openid: ["sub"], groups: ["groups"], level: ["real_name_level"] },
  cookies: { keys: ["for the tests alone"] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, groups: ["审核组"], real_name_level: "L2" }) }),
  ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
});

provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
