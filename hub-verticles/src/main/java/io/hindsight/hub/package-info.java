/** The Hub: takes snapshots of what agents recorded, keeps them and gives them out. */
@NullMarked
package io.hindsight.hub;

import org.jspecify.annotations.NullMarked;
