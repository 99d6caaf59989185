import { expect, test } from 'vitest'
import { applyFailure } from '../../../activities/compose/apply-failure.ts'

test.each<[number, string, string, string]>([
  [81, 'slipway: the command docker is not on the PATH of deploy', 'InvalidConfiguration', 'not on the PATH'],
  [82, "slipway: neither 'docker compose' nor 'docker-compose' is here for deploy", 'InvalidConfiguration', 'cannot run compose'],
  [83, 'Error response from daemon: manifest for r/a@sha256:1 not found: manifest unknown: manifest unknown', 'NotFound', 'no such image'],
  [83, 'Error response from daemon: Head "https://r/v2/a": unauthorized: authentication required', 'Refused', 'docker login'],
  [
    83,
    'Error response from daemon: Get "http://r/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    'Unavailable',
    'connection refused',
  ],
  [83, 'failed to register layer: write /x: no space left on device', 'Unavailable', 'disk'],
  [
    83,
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    'Unavailable',
    'does not answer',
  ],
  [83, 'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock', 'Refused', 'group'],
  [84, 'mv: cannot move: Permission denied', 'InvalidConfiguration', 'cannot be written'],
  [
    85,
    "ERROR: The Compose file './docker-compose.yml' is invalid because:\nservices.web: Unsupported config option",
    'InvalidConfiguration',
    'does not accept',
  ],
  [85, 'service "web" refers to undefined volume data: invalid compose project', 'InvalidConfiguration', 'does not accept'],
  [
    85,
    "validating /srv/shop/.slipway/docker-compose.yml: services.web additional properties 'no-such-option' not allowed",
    'InvalidConfiguration',
    'no-such-option',
  ],
  [
    85,
    'ERROR: Missing mandatory value for "image" option interpolating ${X:?set X} in service "web": set X',
    'InvalidConfiguration',
    'set X',
  ],
  [
    85,
    'ERROR: for web  Cannot start service web: driver failed: Bind for 127.0.0.1:80 failed: port is already allocated',
    'RolloutFailed',
    'port is already allocated',
  ],
  [
    85,
    'ERROR: Get https://registry-1.docker.io/v2/: net/http: request canceled (Client.Timeout exceeded while awaiting headers)',
    'Unavailable',
    'could not reach',
  ],
  [85, '', 'RolloutFailed', 'without a word'],
  [143, 'Recreating web ...', 'Unavailable', 'ended from outside'],
])('%i %j is %s', (code, output, type, says) => {
  expect(applyFailure(code, output, 'deploy@host:22')).toMatchObject({
    type,
    nonRetryable: type !== 'Unavailable',
    message: expect.stringContaining(says),
  })
})
