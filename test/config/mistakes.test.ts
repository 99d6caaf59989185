import { describe, expect, it } from 'vitest'
import { formatProblems } from '../../config/problem.ts'
import { parseConfig, type ConfigKind } from '../../config/read.ts'
import { change, ESTATE, SLIPWAY } from './texts.ts'

/** What is written in place of what, and the lines that come of it without the file's name. */
type Row = readonly [what: string, from: string, to: string, ...problems: string[]]

const SLIPWAY_ROWS: readonly Row[] = [
  ['a misspelt key', 'image:', 'imgae:', '4:5 services.website.imgae: unknown key "imgae"; did you mean "image"?'],
  ['another case', 'image:', 'Image:', '4:5 services.website.Image: unknown key "Image"; did you mean "image"?'],
  [
    'a number where text is expected',
    'project: website',
    'project: 8.0',
    '1:10 project: found 8; expected text; put it between quotes: "8.0"',
  ],
  [
    'a text that is no name',
    'project: website',
    'project: Website',
    '1:10 project: found "Website"; expected a name of lower-case letters, digits and "-", at most 40, with a letter or digit at both ends',
  ],
  [
    'a name that every object has',
    '  website:',
    '  constructor:',
    '3:3 services.constructor: found the name "constructor"; expected another name than "constructor"',
  ],
  [
    'a missing key',
    'project: website\n',
    '',
    "1:1 project: missing; expected text (the project's name; the estate lists it under the same name)",
  ],
  [
    'a key without its value',
    '    image: eap/website',
    '    image:',
    '4:5 services.website.image: missing; expected text (the image repository below the registry that the estate names, such as eap/website)',
  ],
  ['nothing in it', SLIPWAY, '', '1:1: missing; expected { project, services }'],
  ['no mapping', SLIPWAY, 'just a text', '1:1: found "just a text"; expected { project, services }'],
  ['a list instead of a mapping', SLIPWAY, '- a\n- b\n', '1:1: found a list of 2; expected { project, services }'],
  ['no service', '\n  website:\n    image: eap/website', ' {}', '2:11 services: found an empty mapping; expected at least one service'],
  [
    'an image with registry and tag',
    'eap/website',
    'registry.example:5000/eap/website:v1',
    '4:12 services.website.image: found "registry.example:5000/eap/website:v1"; expected an image repository such as eap/website, without registry and tag',
  ],
  [
    'two services with one image',
    '    image: eap/website',
    '    image: eap/website\n  api:\n    image: eap/website',
    '6:12 services.api.image: found "eap/website", which is the image of the service "website"; expected a different image repository for every service',
  ],
  [
    'a folder outside of the repository',
    '    image: eap/website',
    '    image: eap/website\n    context: ../..',
    '5:14 services.website.context: found "../.."; expected a relative path inside the repository, without ".." and not beginning with "-" or ":"',
  ],
  [
    'an absolute folder',
    'deploy/alpha',
    '/deploy/alpha',
    '8:16 environments.alpha.kustomize.overlay: found "/deploy/alpha"; expected a relative path inside the repository, without ".." and not beginning with "-" or ":"',
  ],
  [
    'a path that is an option',
    '    image: eap/website',
    '    image: eap/website\n    dockerfile: -f',
    '5:17 services.website.dockerfile: found "-f"; expected a relative path inside the repository, without ".." and not beginning with "-" or ":"',
  ],
  [
    'an option out of range',
    '    image: eap/website',
    '    image: eap/website\n    prebuild: { run: make, timeoutSeconds: 0 }',
    '5:44 services.website.prebuild.timeoutSeconds: found 0; expected a whole number from 1 to 7200',
  ],
  [
    'a fraction',
    '    image: eap/website',
    '    image: eap/website\n    prebuild: { run: make, timeoutSeconds: 1.5 }',
    '5:44 services.website.prebuild.timeoutSeconds: found 1.5; expected a whole number from 1 to 7200',
  ],
  [
    'a number between quotes',
    '    image: eap/website',
    '    image: eap/website\n    prebuild: { run: make, timeoutSeconds: "60" }',
    '5:44 services.website.prebuild.timeoutSeconds: found "60"; expected a whole number from 1 to 7200; write it without quotes',
  ],
  [
    'an empty list',
    '    image: eap/website',
    '    image: eap/website\n    prebuild: { run: make, inputs: [] }',
    '5:36 services.website.prebuild.inputs: found an empty list; expected at least 1 entry',
  ],
  [
    'build arguments that are no text',
    '    image: eap/website',
    '    image: eap/website\n    args: { DOTNET: 8.0, DEBUG: true, "A B": x }',
    '5:21 services.website.args.DOTNET: found 8; expected text; put it between quotes: "8.0"',
    '5:33 services.website.args.DEBUG: found true; expected text; put it between quotes: "true"',
    '5:39 services.website.args["A B"]: found the name "A B"; expected the name of an environment variable',
  ],
  [
    'an environment without anything',
    '  alpha:\n    kustomize:\n      overlay: deploy/alpha',
    '  alpha:',
    '6:3 environments.alpha: missing; expected a mapping with any of compose, kustomize, hooks, irreversible',
  ],
  [
    'two hooks of one name',
    '      overlay: deploy/alpha\n',
    '      overlay: deploy/alpha\n    hooks:\n      before: [{ name: migrate, job: a.yaml }]\n      after: [{ name: migrate, job: b.yaml }]\n',
    '11:23 environments.alpha.hooks.after[0].name: found "migrate", which another hook of the environment is called; expected a name of its own for every hook, before and after taken together',
  ],
  [
    'a hook of two kinds',
    '      overlay: deploy/alpha\n',
    '      overlay: deploy/alpha\n    hooks:\n      before: [{ name: migrate, job: a.yaml, command: [x] }]\n',
    '10:16 environments.alpha.hooks.before[0]: found "name" and "job" and "command"; expected only one of: { name, job } | { name, compose } | { name, command }',
  ],
  [
    'a hook as a shell command',
    '      overlay: deploy/alpha\n',
    '      overlay: deploy/alpha\n    hooks:\n      before: [{ name: migrate, command: rm -rf / }]\n',
    '10:42 environments.alpha.hooks.before[0].command: found "rm -rf /"; expected a list; put it between [ ]',
  ],
  [
    'a hook outside the repository',
    '      overlay: deploy/alpha\n',
    '      overlay: deploy/alpha\n    hooks:\n      before: [{ name: migrate, job: ../job.yaml }]\n',
    '10:38 environments.alpha.hooks.before[0].job: found "../job.yaml"; expected a relative path inside the repository, without ".." and not beginning with "-" or ":"',
  ],
  [
    'a hook without an end',
    '      overlay: deploy/alpha\n',
    '      overlay: deploy/alpha\n    hooks:\n      before: [{ name: migrate, job: a.yaml, timeoutSeconds: 0 }]\n',
    '10:62 environments.alpha.hooks.before[0].timeoutSeconds: found 0; expected a whole number from 1 to 7200',
  ],
  [
    'something irreversible without a reason',
    '      overlay: deploy/alpha\n',
    '      overlay: deploy/alpha\n    irreversible: { name: drop }\n',
    '9:5 environments.alpha.irreversible.reason: missing; expected text (what is lost by going back, for whoever wants to)',
  ],
  [
    'a section without anything',
    'environments:\n  alpha:\n    kustomize:\n      overlay: deploy/alpha',
    'environments:',
    '5:1 environments: missing; expected a mapping from names to entries (what this repository holds for each environment of the estate); leave the key out for the default',
  ],
  [
    'a key one level too high',
    '    kustomize:\n      overlay: deploy/alpha',
    '    overlay: deploy/alpha',
    '7:5 environments.alpha.overlay: unknown key "overlay"; it belongs below "kustomize"',
  ],
  [
    'a merge key',
    '  website:',
    '  website:\n    <<: { context: . }',
    '4:5 services.website["<<"]: unknown key "<<"; merge keys are not read; write the keys out, or use an alias for a whole value',
  ],
  [
    'a key twice',
    'project: website',
    'project: website\nproject: other',
    '2:1: found the key "project" again (first on line 1); expected every key once',
  ],
  ['a tag', 'project: website', 'project: !name website', '1:16 project: found a tag ("!…"); expected a plain value without tag'],
  [
    'an alias without anchor',
    'project: website',
    'project: *website',
    '1:10 project: found an alias ("*…") without its anchor ("&…") before it; expected an anchor, or the value between quotes',
  ],
  ['__proto__', '  website:', '  __proto__: {}\n  website:', '3:3 services: found "__proto__" as a key; expected a name as the key'],
  [
    'a key that is a list',
    'project: website',
    'project: website\n? [a, b]\n: 1',
    '2:3: found a key that is no plain text; expected a name as the key',
  ],
  ['a tab', '  website:', '\twebsite:', '3:1: found a tab at the beginning of a line; expected spaces'],
  [
    'a quote that is not closed',
    'project: website',
    'project: "website',
    '9:1: found a quote that is never closed; expected the closing quote',
  ],
  [
    'two keys on one line',
    'project: website',
    'project: web: site',
    '1:10: found a second key on one line, or a line that is indented too far; expected one "key: value" a line; put a value that contains ": " between quotes',
  ],
  [
    'a second document',
    'project: website',
    'project: website\n---\nproject: other',
    '2:1: found a second document after "---"; expected one document a file',
  ],
  [
    'a reserved character',
    'project: website',
    'project: @website',
    '1:10: found a value that begins with a character that YAML keeps for itself; expected such a value between quotes',
  ],
  [
    'a bracket that is not closed',
    'project: website',
    'project: [website',
    '2:1: found a line that is not indented like its neighbours; expected the same number of spaces before all entries of a mapping or list',
  ],
  [
    'a line without a colon',
    'project: website',
    'project: website\nservice',
    '2:1: found a key that goes over several lines; expected "key: value" on one line; the line may be indented too far',
  ],
  [
    'several mistakes at once',
    'project: website\nservices:\n  website:\n    image: eap/website',
    'project: 1\nservice:\n  Website:\n    image: Eap\n    contxt: /',
    '1:10 project: found 1; expected text; put it between quotes: "1"',
    '2:1 service: unknown key "service"; did you mean "services"?',
    '3:3 service.Website: found the name "Website"; expected a name of lower-case letters, digits and "-", at most 40, with a letter or digit at both ends',
    '4:12 service.Website.image: found "Eap"; expected an image repository such as eap/website, without registry and tag',
    '5:5 service.Website.contxt: unknown key "contxt"; did you mean "context"?',
    '5:13 service.Website.contxt: found "/"; expected a relative path inside the repository, without ".." and not beginning with "-" or ":"',
  ],
  [
    'invisible and control characters',
    'project: website',
    'project: "web\\u200bsite\\e[31m"',
    '1:10 project: found "web\\u200bsite\\u001b[31m"; expected a name of lower-case letters, digits and "-", at most 40, with a letter or digit at both ends',
  ],
]

const PROJECTS = ESTATE.slice(ESTATE.indexOf('projects:'))
const OTHER_PROJECT = PROJECTS.slice(PROJECTS.indexOf('  website:')).replace('  website:', '  other:').replace('/srv/website', '/srv/other')

const ESTATE_ROWS: readonly Row[] = [
  [
    'a misspelt key',
    'from: release',
    'form: release',
    '22:9 projects.website.environments.alpha.form: unknown key "form"; did you mean "from"?',
  ],
  [
    'a misspelt key with a mistake below',
    'hosts:\n  main:\n    address: main.example',
    'host:\n  main:\n    address: -main',
    '3:1 host: unknown key "host"; did you mean "hosts"?',
    '5:14 host.main.address: found "-main"; expected a host name or an IP address',
  ],
  [
    'a misspelt value',
    'from: release',
    'from: relase',
    '22:15 projects.website.environments.alpha.from: found "relase"; expected one of develop, release, tag; did you mean "release"?',
  ],
  [
    'a registry with https://',
    'registry.example:5000',
    'https://registry.example',
    '2:12 registry.address: found "https://registry.example"; expected a registry address such as registry.example:5000, without https:// and path',
  ],
  [
    'yes',
    '  address: registry.example:5000',
    '  address: registry.example:5000\n  plainHttp: yes',
    '3:14 registry.plainHttp: found "yes"; expected true or false; did you mean true?',
  ],
  [
    'a password itself',
    '  address: registry.example:5000',
    '  address: registry.example:5000\n  credentials: { username: admin, password: hunter2 }',
    '3:28 registry.credentials.username: found a text (not shown); expected one of: { env } | { file }; write where the value is found, not the value itself',
    '3:45 registry.credentials.password: found a text (not shown); expected one of: { env } | { file }; write where the value is found, not the value itself',
  ],
  [
    'credentials in one text',
    '  address: registry.example:5000',
    '  address: registry.example:5000\n  credentials: admin:hunter2',
    '3:16 registry.credentials: found a text (not shown); expected one of: { username, password } | { dockerConfig }',
  ],
  [
    'a secret as a key',
    '  address: registry.example:5000',
    '  address: registry.example:5000\n  credentials: { hunter2: }',
    '3:18 registry.credentials.…: unknown key (not shown); expected one of username, password, dockerConfig',
  ],
  [
    'half of the credentials',
    '  address: registry.example:5000',
    '  address: registry.example:5000\n  credentials: { username: { env: USER } }',
    '3:3 registry.credentials.password: missing; expected one of: { env } | { file } (the password or token)',
  ],
  [
    'two forms at once',
    '{ agent: true }',
    '{ agent: true, keyFile: key }',
    '7:12 hosts.main.login: found "agent" and "keyFile"; expected only one of: { keyFile } | { agent: true }',
  ],
  [
    'a form with a misspelt key',
    '{ agent: true }',
    '{ key_file: key }',
    '7:14 hosts.main.login.key_file: unknown key "key_file"; did you mean "keyFile"?',
  ],
  [
    'a home folder',
    '{ agent: true }',
    '{ keyFile: ~/.ssh/id_ed25519 }',
    '7:23 hosts.main.login.keyFile: found a text (not shown); expected a path, absolute or relative to this file; "~" is not expanded',
  ],
  ['agent: false', '{ agent: true }', '{ agent: false }', '7:21 hosts.main.login.agent: found false; expected true'],
  [
    'a fingerprint of another kind',
    '{ knownHosts: known_hosts }',
    '{ fingerprint: "MD5:00:11" }',
    '8:29 hosts.main.hostKey.fingerprint: found "MD5:00:11"; expected a fingerprint as ssh-keygen -lf prints it: SHA256:<43 characters>',
  ],
  [
    'an address that is an option',
    'main.example',
    '-oProxyCommand=x',
    '5:14 hosts.main.address: found "-oProxyCommand=x"; expected a host name or an IP address',
  ],
  [
    'a port out of range',
    '    user: deploy',
    '    user: deploy\n    port: 99999',
    '7:11 hosts.main.port: found 99999; expected a whole number from 1 to 65535',
  ],
  [
    'a host that is not there',
    'host: main, directory',
    'host: mian, directory',
    '20:28 projects.website.environments.integration.target.compose.host: found "mian"; expected a host of this file: main; did you mean "main"?',
  ],
  [
    'a host that is nothing like any',
    'host: main, directory',
    'host: elsewhere, directory',
    '20:28 projects.website.environments.integration.target.compose.host: found "elsewhere"; expected a host of this file: main; add it below "hosts"',
  ],
  [
    'a cluster that is not there',
    'cluster: main',
    'cluster: kube',
    '24:33 projects.website.environments.alpha.target.kustomize.cluster: found "kube"; expected a cluster of this file: main; add it below "clusters"',
  ],
  [
    'no clusters at all',
    'clusters:\n  main:\n    kubeconfig: kubeconfig\n',
    '',
    '21:33 projects.website.environments.alpha.target.kustomize.cluster: found "main"; expected a cluster of this file; add it below "clusters"',
  ],
  [
    'clusters that are no mapping, and no second mistake',
    'clusters:\n  main:\n    kubeconfig: kubeconfig\n',
    'clusters: main\n',
    '9:11 clusters: found "main"; expected a mapping from names to entries',
  ],
  [
    'an unknown target',
    'kustomize: { cluster: main, namespace: alpha }',
    'helm: {}',
    '24:11 projects.website.environments.alpha.target.helm: unknown key "helm"; expected one of compose, kustomize, script',
  ],
  [
    'two targets',
    'script: { host: main, command: ./deploy.sh }',
    'script: { host: main, command: ./deploy.sh }\n          kustomize: { cluster: main, namespace: prod }',
    '29:11 projects.website.environments.prod.target: found "script" and "kustomize"; expected only one of: { compose } | { kustomize } | { script }',
  ],
  [
    'no target',
    '        target:\n          kustomize: { cluster: main, namespace: alpha }\n',
    '',
    '21:7 projects.website.environments.alpha.target: missing; expected one of: { compose } | { kustomize } | { script } (where it runs: one of compose, kustomize, script)',
  ],
  [
    'a folder that is not absolute',
    '/srv/website',
    'srv/website',
    '20:45 projects.website.environments.integration.target.compose.directory: found "srv/website"; expected an absolute folder on the host of letters, digits, ".", "_", "-" and "/", without ".."',
  ],
  [
    'a folder with ..',
    '/srv/website',
    '/srv/../etc',
    '20:45 projects.website.environments.integration.target.compose.directory: found "/srv/../etc"; expected an absolute folder on the host of letters, digits, ".", "_", "-" and "/", without ".."',
  ],
  [
    'a script that is an option',
    './deploy.sh',
    '-c',
    '29:42 projects.website.environments.prod.target.script.command: found "-c"; expected a path of letters, digits, ".", "_", "-" and "/"',
  ],
  [
    'a shell line as a script',
    './deploy.sh',
    './deploy.sh; reboot',
    '29:42 projects.website.environments.prod.target.script.command: found "./deploy.sh; reboot"; expected a path of letters, digits, ".", "_", "-" and "/"',
  ],
  [
    'approvers where nobody is asked',
    'from: release',
    'from: release\n        approvers: [bob]',
    '23:9 projects.website.environments.alpha.approvers: found approvers where nobody is asked; expected approvers only where "deploy" is "approval"; write "deploy: approval", or take the approvers out',
  ],
  [
    'one approver as text',
    'approvers: [alice]',
    'approvers: alice',
    '27:20 projects.website.environments.prod.approvers: found "alice"; expected a list; put it between [ ]',
  ],
  [
    'a variable that each deployment sets',
    'directory: /srv/website',
    'directory: /srv/website, environment: { TAG: v1, LOG: debug }',
    '20:74 projects.website.environments.integration.target.compose.environment.TAG: found the variable TAG; expected other names than TAG and DIGEST_…, which each deployment sets itself; take it out',
  ],
  [
    'variables that are no text',
    'directory: /srv/website',
    'directory: /srv/website, environment: { PORT: 80, PASSWORD: [x] }',
    '20:80 projects.website.environments.integration.target.compose.environment.PORT: found a number (not shown); expected one of: text | { env } | { file }; put it between quotes',
    '20:94 projects.website.environments.integration.target.compose.environment.PASSWORD: found a list of 1; expected one of: text | { env } | { file }',
  ],
  [
    'variables as a list',
    'directory: /srv/website',
    'directory: /srv/website, environment: ["PASSWORD=hunter2"]',
    '20:72 projects.website.environments.integration.target.compose.environment: found a list of 1; expected a mapping from names to entries',
  ],
  [
    'a health address of another kind',
    'from: release',
    'from: release\n        health: [{ url: "tcp://x" }]',
    '23:25 projects.website.environments.alpha.health[0].url: found "tcp://x"; expected an address that begins with http:// or https://',
  ],
  [
    'a health address with a password',
    'from: release',
    'from: release\n        health: [{ url: "http://me:hunter2@x/" }]',
    '23:25 projects.website.environments.alpha.health[0].url: found "http:…@x/"; expected an address without a user name or password',
  ],
  [
    'a health check that cannot succeed',
    'from: release',
    'from: release\n        health: [{ url: "http://x/", successes: 100, intervalSeconds: 1 }]',
    '23:18 projects.website.environments.alpha.health[0]: found 100 successes, 1 s apart, within 60 s; expected a timeout that they fit into; raise timeoutSeconds above 99',
  ],
  [
    'a repository with a password',
    'git@git.example:eap/website.git',
    'https://me:hunter2@git.example/eap/website.git',
    '15:12 projects.website.repository.url: found "https:…@git.example/eap/website.git"; expected a git URL without a password: https://host/path, ssh://user@host/path, user@host:path, file:///path or /path',
  ],
  [
    'a repository with a token',
    'git@git.example:eap/website.git',
    'https://hunter2@git.example/eap/website.git',
    '15:12 projects.website.repository.url: found "https:…@git.example/eap/website.git"; expected a git URL without a password: https://host/path, ssh://user@host/path, user@host:path, file:///path or /path',
  ],
  [
    'a repository that is an option',
    'git@git.example:eap/website.git',
    '--upload-pack=reboot',
    '15:12 projects.website.repository.url: found "--upload-pack=reboot"; expected a git URL without a password: https://host/path, ssh://user@host/path, user@host:path, file:///path or /path',
  ],
  [
    'a host that is an option',
    'git@git.example:eap/website.git',
    'ssh://-oProxyCommand=reboot/x',
    '15:12 projects.website.repository.url: found "ssh://-oProxyCommand=reboot/x"; expected a git URL without a password: https://host/path, ssh://user@host/path, user@host:path, file:///path or /path',
  ],
  [
    'ext',
    'git@git.example:eap/website.git',
    'ext::sh -c reboot',
    '15:12 projects.website.repository.url: found "ext::sh -c reboot"; expected a git URL without a password: https://host/path, ssh://user@host/path, user@host:path, file:///path or /path',
  ],
  [
    'a password for ssh',
    '      url: git@git.example:eap/website.git',
    '      url: git@git.example:eap/website.git\n      login: { username: { env: U }, password: { env: P } }',
    '16:7 projects.website.repository.login: found a user name and password for an ssh address; expected { keyFile } or { agent: true }',
  ],
  [
    'a key for https',
    '      url: git@git.example:eap/website.git',
    '      url: https://git.example/eap/website.git\n      login: { agent: true }\n      hostKey: { knownHosts: k }',
    '16:7 projects.website.repository.login: found an ssh key for an https address; expected { username, password }',
    '17:7 projects.website.repository.hostKey: found a host key for an https address; expected one for ssh addresses only',
  ],
  [
    'a login for a folder',
    '      url: git@git.example:eap/website.git',
    '      url: /srv/git/website.git\n      login: { agent: true }',
    '16:7 projects.website.repository.login: found a login for a repository on this machine; expected none',
  ],
  [
    'one branch for both',
    '    environments:',
    '      branches: { develop: main, master: main }\n    environments:',
    '16:42 projects.website.repository.branches.master: found "main" for develop and for master; expected two branches',
  ],
  [
    'develop as a release branch',
    '    environments:',
    '      branches: { develop: release-next }\n    environments:',
    '16:28 projects.website.repository.branches.develop: found "release-next", which begins with the prefix of release branches "release-"; expected a branch that is no release branch',
  ],
  [
    'a prefix that is no branch',
    '    environments:',
    '      branches: { releasePrefix: "release " }\n    environments:',
    '16:34 projects.website.repository.branches.releasePrefix: found "release "; expected the beginning of a branch name, of letters, digits, ".", "_", "-" and "/"',
  ],
  [
    'an option of the repository one level too high',
    '    environments:',
    '    branches: { develop: dev }\n    environments:',
    '16:5 projects.website.branches: unknown key "branches"; it belongs below "repository"',
  ],
  [
    'one place for two environments',
    'script: { host: main, command: ./deploy.sh }',
    'compose: { host: main, directory: /srv//website/ }',
    '29:45 projects.website.environments.prod.target.compose.directory: found the host and directory of website/integration; expected a place of its own for every environment; give it another directory',
  ],
  [
    'one compose project for two folders',
    'script: { host: main, command: ./deploy.sh }',
    'compose: { host: main, directory: /opt/website }',
    '29:45 projects.website.environments.prod.target.compose.directory: found the compose project name "website" of website/integration; expected a place of its own for every environment; give it a "project" of its own',
  ],
  [
    'one compose project by name',
    'script: { host: main, command: ./deploy.sh }',
    'compose: { host: main, directory: /opt/other, project: website }',
    '29:66 projects.website.environments.prod.target.compose.project: found the compose project name "website" of website/integration; expected a place of its own for every environment; give it a "project" of its own',
  ],
  [
    'one namespace for two environments',
    'script: { host: main, command: ./deploy.sh }',
    'kustomize: { cluster: main, namespace: alpha }',
    '29:50 projects.website.environments.prod.target.kustomize.namespace: found the cluster and namespace of website/alpha; expected a place of its own for every environment; give it another namespace',
  ],
  [
    'one script for two projects',
    PROJECTS,
    `${PROJECTS}${OTHER_PROJECT}`,
    '46:42 projects.other.environments.prod.target.script.command: found the host and command of website/prod; expected a place of its own for every environment; give it a script of its own',
  ],
  ['no project', PROJECTS, 'projects: {}\n', '12:11 projects: found an empty mapping; expected at least one project'],
  [
    'a store of another kind',
    'registry:\n',
    'store: regsitry\nregistry:\n',
    '1:8 store: found "regsitry"; expected one of: registry | { folder }; did you mean "registry"?',
  ],
  [
    'a store with a misspelt key',
    'registry:\n',
    'store: { foldr: /x }\nregistry:\n',
    '1:10 store.foldr: unknown key "foldr"; did you mean "folder"?',
  ],
  [
    'an engine of another kind',
    'registry:\n',
    'engine: { dockerHost: http://x }\nregistry:\n',
    '1:23 engine.dockerHost: found "http://x"; expected unix:///path or tcp://host:port',
  ],
  [
    'an environment with an impossible name',
    '      alpha:',
    '      Alpha_1:',
    '21:7 projects.website.environments.Alpha_1: found the name "Alpha_1"; expected a name of lower-case letters, digits and "-", at most 40, with a letter or digit at both ends',
  ],
]

describe.each([
  ['slipway', SLIPWAY, SLIPWAY_ROWS],
  ['estate', ESTATE, ESTATE_ROWS],
] as const)('%s.yaml', (kind, text, rows) => {
  it('is valid as the tests begin', () => {
    expect(lines(kind, text)).toEqual([])
  })

  it.each(rows)('%s', (_what, from, to, ...problems) => {
    const found = lines(kind, change(text, from, to))
    expect(found).toEqual(problems)
    expect(found.join()).not.toContain('hunter2')
  })
})

function lines(kind: ConfigKind, text: string): string[] {
  const result = kind === 'slipway' ? parseConfig(kind, { text, file: 'F' }) : parseConfig(kind, { text, file: 'F' })
  return result.ok ? [] : formatProblems(result.problems).replaceAll('F:', '').split('\n')
}
