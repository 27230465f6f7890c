/** The packaged program as its users run it: real processes, real packets, real tools. */
@NullMarked
package io.hindsight.system;

import org.jspecify.annotations.NullMarked;
