module slipway.dev/lab/compose

go 1.26

require github.com/docker/compose/v5 v5.0.0
