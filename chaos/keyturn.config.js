/** What the servers of a chaos run are started with. DATABASE_URL and KEYTURN_… variables say the rest. */
export default {
  environment: "test",
  models: { user: { mountAt: "/auth", confirmable: false } },
  // The promise that is put to the test: nobody honest is logged out, whatever is lost on the way.
  lostResponses: "recover",
  // Sign-ins whose answers are lost leave sessions behind; none of them may push an honest one out.
  maxNumberOfDevices: 1000,
};
