/** Tests. */
@NullMarked
package io.hindsight.agent.os.proc;

import org.jspecify.annotations.NullMarked;
