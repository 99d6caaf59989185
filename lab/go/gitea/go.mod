module slipway.dev/lab/gitea

go 1.26

require code.gitea.io/gitea v1.26.0
