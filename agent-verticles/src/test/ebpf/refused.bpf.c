/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Nothing that a kernel takes. */
#include "kernel.h"

const char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("raw_tracepoint/sched_process_exec")
int unsafe(struct raw_arguments *arguments)
{
	return *(volatile int *)arguments->values[0];
}
