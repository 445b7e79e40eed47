package org.lakebrush.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "cannot read s3a://AKIA1:se/cr+et@lake/a.png: no | cannot read s3a://***:***@lake/a.png: no",
    "s3a://AKIA1@lake/a.png | s3a://***:***@lake/a.png",
    "https://me:pass@host:8443/x?y=a@b | https://***:***@host:8443/x?y=a@b",
    "GET https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIA1%2F2026&X-Amz-Date=1&X-Amz-Signature=ab12 gave 403"
        + " | GET https://b.s3.amazonaws.com/k?X-Amz-Credential=***&X-Amz-Date=1&X-Amz-Signature=*** gave 403",
    "https://a.blob.core.windows.net/c?sv=1&sig=ab%2F= | https://a.blob.core.windows.net/c?sv=1&sig=***",
    "Unknown option: '-Dfs.s3a.secret.key=abc' | Unknown option: '-Dfs.s3a.secret.key=***'",
    "<Code>Invalid</Code><AWSAccessKeyId>AKIA1</AWSAccessKeyId> | <Code>Invalid</Code><AWSAccessKeyId>***</AWSAccessKeyId>",
  })
  void hidesWhatStandsInMessages(String text, String shown) {
    assertEquals(shown, Secrets.hidden(text));
    assertEquals("IOException: " + shown, Causes.inOneLine(new java.io.IOException(text)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hdfs://nn:8020/lake/icon@2x.png", "s3a://lake/a:b@2x.png", "file:///a:b@c.png", "file:/x/a@b:c.png",
      "abfss://container@account.dfs.core.windows.net/a.png", "s3a://lake/mail me@host.png", "/data/a:b@c"})
  void namesAreNoSecrets(String uri) {
    assertFalse(Secrets.isIn(uri));
    assertEquals(uri, Secrets.hidden(uri));
  }

  @Test
  void hidesValuesThatItLearned() {
    Configuration conf = new Configuration();
    conf.set("fs.s3a.bucket.lake.secret.key", "learned-secret-1");
    conf.set("fs.azure.account.key.a.dfs.core.windows.net", "learned-secret-2");
    conf.set("fs.s3a.aws.credentials.provider", "org.example.Provider");
    Secrets.learn(conf);
    assertEquals("wrong *** or *** of org.example.Provider; true, AES",
        Secrets.hidden("wrong learned-secret-1 or learned-secret-2 of org.example.Provider; true, AES"));
  }

  /** Hadoop's and Spark's documentations name these as secret, but for those of which the value is a class, a file or a switch. */
  @Test
  void sparksPagesHideTheSettingsOfAllStores() {
    Pattern hidden = Pattern.compile(Secrets.SETTINGS);
    for (String key : List.of("fs.s3a.access.key", "fs.s3a.secret.key", "fs.s3a.session.token", "fs.s3a.bucket.b.secret.key",
        "fs.s3a.encryption.key", "fs.s3a.server-side-encryption.key", "fs.azure.account.key.n.dfs.core.windows.net",
        "fs.azure.account.oauth2.client.secret", "fs.azure.sas.c.n.blob.core.windows.net", "fs.azure.sas.fixed.token",
        "dfs.adls.oauth2.credential", "fs.gs.auth.service.account.private.key", "fs.oss.accessKeySecret", "fs.oss.accessKeyId",
        "ssl.server.keystore.password", "spark.ssl.keyPassword", "spark.authenticate.secret", "spark.executorEnv.AWS_ACCESS_KEY_ID",
        "fs.cosn.userinfo.secretKey", "ssl.keystore.pass")) {
      assertTrue(hidden.matcher(key).find(), key);
    }
    for (String key : List.of("fs.s3a.aws.credentials.provider", "fs.s3a.endpoint", "spark.executor.memory", "spark.app.name",
        "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider")) {
      assertFalse(hidden.matcher(key).find(), key);
    }
  }
}
