"""Where incidents are told: one file per channel, over the contract of `runtime.notify.channel`."""
